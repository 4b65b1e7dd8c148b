"""Character devices and where they lead."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.model.block import Block
from vmspec.model.devices.channel import Channel
from vmspec.model.devices.chardev import DevSource, FileSource, PipeSource, SpicePortSource, TcpSource, UdpSource, UnixSource
from vmspec.model.devices.rng import Egd
from vmspec.model.devices.smartcard import Passthrough
from vmspec.model.domain import Domain


def sources(vm: Domain) -> Iterator[tuple[Path, Block, Block]]:
    """Of every character device its path, its source and itself; those of smartcards and random number devices too."""
    for kind in ("serial", "parallel", "console", "channel", "redirdev"):
        for device in getattr(vm, kind):
            if device.source is not None:
                yield (kind, device.label), device.source, device
    for card in vm.smartcard:
        if isinstance(card.source, Passthrough) and card.source.source is not None:
            yield ("smartcard", card.label, "source"), card.source.source, card
    for rng in vm.rng:
        if isinstance(rng.backend, Egd) and rng.backend.source is not None:
            yield ("rng", rng.label, "backend"), rng.backend.source, rng


def missing_part(source: Block, device: Block) -> str | None:
    """What a source lacks without which libvirt refuses it (virDomainChrSourceDefValidate, src/conf/domain_validate.c 9.0.0)."""
    match source:
        case FileSource() | DevSource() | PipeSource():
            return None if source.path else "a path"
        case TcpSource():
            return None if source.host and source.service else "a host and a port"
        case UdpSource():
            return None if source.service else "a port to send to"
        case UnixSource():
            chosen = isinstance(device, Channel) and device.target in (None, "virtio", "xen")
            return None if source.path or chosen else "a path"
        case SpicePortSource():
            return None if source.channel else "a channel"
        case _:
            return None


def is_generated(source: UnixSource, device: Block) -> bool:
    """Whether libvirt chooses the socket, or takes its path for one that it chose (qemuDomainChrDefDropDefaultPath, libvirt 9.0.0)."""
    if not source.path:
        return True
    if not isinstance(device, Channel) or device.target not in (None, "virtio") or not device.name:
        return False
    folder, _, name = source.path.rpartition("/")
    return name == device.name and folder.rpartition("/")[2].startswith("domain-")
