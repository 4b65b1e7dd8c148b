"""The devices of a guest in the one order in which they are looked at, and where each connects.

Sources: libvirt 9.0.0 src/qemu/qemu_domain_address.c (qemuDomainDeviceCalculatePCIConnectFlags: what is PCI, PCI Express or neither;
qemuDomainValidateDevicePCISlotsQ35 and …PIIX3: the chipset's own places).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from vmspec.base.provenance import Path
from vmspec.lower.fleet import Fleet
from vmspec.lower.layout.v1 import Connect, Family, Pci
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.crypto import Crypto
from vmspec.model.devices.device import Device
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.filesystem import Filesystem
from vmspec.model.devices.hostdev import Hostdev, MdevHostdev, PciHostdev, UsbHostdev, VhostScsiHostdev
from vmspec.model.devices.hub import Hub
from vmspec.model.devices.input import Input
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.iommu import Iommu
from vmspec.model.devices.memory_balloon import MemoryBalloon
from vmspec.model.devices.memory_device import MemoryDevice
from vmspec.model.devices.panic import Panic
from vmspec.model.devices.redirdev import Redirdev
from vmspec.model.devices.rng import Rng
from vmspec.model.devices.serial import Serial
from vmspec.model.devices.shmem import Shmem
from vmspec.model.devices.sound import Sound
from vmspec.model.devices.video import Video
from vmspec.model.devices.vsock import Vsock
from vmspec.model.devices.watchdog import Watchdog
from vmspec.model.domain import Domain

KINDS: tuple[str, ...] = (
    "interface", "controller", "disk", "hostdev", "filesystem", "video", "sound", "rng", "vsock", "input", "watchdog", "shmem",
    "memory-device", "crypto", "iommu", "serial", "parallel", "console", "channel", "redirdev", "smartcard", "hub", "tpm", "panic",
)  # fmt: skip
"""As the language calls them, in the order in which a new guest gets its addresses: cards first, so that enp1s0 is a card."""
PYTHON: Mapping[str, str] = {kind: kind.replace("-", "_") for kind in KINDS}
BALLOON: Path = ("memory", "balloon")


class ConnectedDevice(NamedTuple):
    """A device and its path; `key` is its name in the lock."""

    path: Path
    key: str
    device: Device


def devices(spec: Domain, by_label: bool = False) -> Iterator[ConnectedDevice]:
    """By kind, then as they stand; or, as layout 1 wants it, by label as people count: eth2 before eth10. The balloon is last."""
    held = vars(spec)
    for kind, python in PYTHON.items():
        blocks: tuple[Device, ...] | Device | None = held.get(python, ())
        if isinstance(blocks, Device):
            yield ConnectedDevice((kind,), kind, blocks)
            continue
        for block in sorted(blocks or (), key=natural) if by_label else blocks or ():
            yield ConnectedDevice((kind, block.label), f"{kind}.{block.label}", block)
    if spec.memory is not None and spec.memory.balloon is not None:
        yield ConnectedDevice(BALLOON, "balloon", spec.memory.balloon)


def kept_keys(fleet: Fleet) -> Mapping[str, frozenset[str]]:
    """By VM: the keys of its devices in the lock."""
    return {vm.name: frozenset(each.key for each in devices(vm.spec)) for vm in fleet.vms}


def natural(block: Device) -> tuple[tuple[int, int, str], ...]:
    return natural_text(block.label)


@lru_cache(maxsize=65536)
def natural_text(label: str) -> tuple[tuple[int, int, str], ...]:
    """Runs of digits compare as numbers."""
    return tuple(
        (0, int(part), part) if part.isdigit() and part.isascii() else (1, 0, part) for part in re.findall(r"[0-9]+|[^0-9]+", label)
    )


def connect(device: Device, family: Family) -> Connect | None:
    """How it sits on PCI; None where it does not."""
    found = PCI.get(type(device))
    return found(device, family) if found is not None else None


EXPRESS, CONVENTIONAL = Connect.EXPRESS, Connect.CONVENTIONAL


def _virtio(device: Device, family: Family) -> Connect | None:
    """A transitional device works in conventional slots only."""
    return CONVENTIONAL if str(getattr(device, "model", "")) == "virtio-transitional" else EXPRESS


def _disk(device: Device, family: Family) -> Connect | None:
    assert isinstance(device, Disk)
    return _virtio(device, family) if device.bus == "virtio" else None


def _interface(device: Device, family: Family) -> Connect | None:
    assert isinstance(device, Interface)
    tag = device.source.tag if device.source is not None else ""
    if tag.startswith("hostdev"):
        return EXPRESS if tag == "hostdev" else None
    if device.model == "usb-net":
        return None
    return EXPRESS if device.model in EXPRESS_CARDS else CONVENTIONAL


EXPRESS_CARDS = ("virtio", "virtio-non-transitional", "e1000e", "igb")


def _hostdev(device: Device, family: Family) -> Connect | None:
    assert isinstance(device, Hostdev)
    match device.source:
        case PciHostdev() | MdevHostdev():
            return EXPRESS
        case VhostScsiHostdev():
            return _virtio(device, family)
        case _:
            return None


def _controller(device: Device, family: Family) -> Connect | None:
    assert isinstance(device, Controller)
    match str(device.type):
        case "usb":
            return None if device.model == "none" else EXPRESS if device.model in ("qemu-xhci", "nec-xhci") else CONVENTIONAL
        case "scsi":
            return EXPRESS if device.model in ("virtio-scsi", "virtio-non-transitional") else CONVENTIONAL
        case "virtio-serial":
            return _virtio(device, family)
        case "sata" | "ide":
            return CONVENTIONAL
        case "pci":
            return {"pcie-to-pci-bridge": EXPRESS, "pci-bridge": CONVENTIONAL}.get(str(device.model))
        case _:
            return None


def _video(device: Device, family: Family) -> Connect | None:
    assert isinstance(device, Video)
    if device.model in ("none", "ramfb", "gop", None):
        return None
    return EXPRESS if device.model in ("virtio", "bochs") else CONVENTIONAL


def _filesystem(device: Device, family: Family) -> Connect | None:
    assert isinstance(device, Filesystem)
    return _virtio(device, family) if device.driver in (None, "path", "handle", "virtiofs") else None


def _sound(device: Device, family: Family) -> Connect | None:
    assert isinstance(device, Sound)
    return EXPRESS if device.model == "virtio" else CONVENTIONAL if device.model in ("es1370", "ac97", "ich6", "ich9") else None


def _input(device: Device, family: Family) -> Connect | None:
    assert isinstance(device, Input)
    return _virtio(device, family) if device.bus == "virtio" else None


def _watchdog(device: Device, family: Family) -> Connect | None:
    assert isinstance(device, Watchdog)
    return CONVENTIONAL if device.model == "i6300esb" else None


def _serial(device: Device, family: Family) -> Connect | None:
    assert isinstance(device, Serial)
    return CONVENTIONAL if device.target == "pci-serial" else None


def _memory(device: Device, family: Family) -> Connect | None:
    assert isinstance(device, MemoryDevice)
    return EXPRESS if device.model in ("virtio-mem", "virtio-pmem") else None


def _balloon(device: Device, family: Family) -> Connect | None:
    assert isinstance(device, MemoryBalloon)
    return None if device.model in ("none", "xen") else _virtio(device, family)


def _iommu(device: Device, family: Family) -> Connect | None:
    """virtio-iommu is part of the root complex: it has a slot of bus 0 and no port."""
    assert isinstance(device, Iommu)
    return EXPRESS if device.model == "virtio" else None


def _panic(device: Device, family: Family) -> Connect | None:
    assert isinstance(device, Panic)
    return CONVENTIONAL if device.model == "pvpanic" else None


def _always(device: Device, family: Family) -> Connect | None:
    return _virtio(device, family)


def _conventional(device: Device, family: Family) -> Connect | None:
    return CONVENTIONAL


def preferred(device: Device, family: Family) -> tuple[Pci, ...]:
    """The chipset's own places for it, best first."""
    match device:
        case Video():
            return {Family.Q35: (Pci(0, 1),), Family.I440FX: (Pci(0, 2),), Family.VIRT: ()}[family] if device.primary else ()
        case Iommu():
            return tuple(Pci(0, slot) for slot in range(0x1E, 0x18, -1)) if device.model == "virtio" else ()
        case Sound() if family is Family.Q35 and device.model == "ich9":
            return (Pci(0, 0x1B),)
        case Controller(type="sata", index=0) if family is Family.Q35:
            return (Pci(0, 0x1F, 2),)
        case Controller(type="ide", index=0) if family is Family.I440FX:
            return (Pci(0, 1, 1),)
        case Controller(type="usb", index=0, model="piix3-uhci") if family is Family.I440FX:
            return (Pci(0, 1, 2),)
        case _:
            return ()


def on_usb(device: Device) -> bool:
    """Whether it takes a USB port."""
    match device:
        case Disk():
            return device.bus == "usb"
        case Input():
            return device.bus == "usb"
        case Hostdev():
            return isinstance(device.source, UsbHostdev)
        case Interface():
            return device.model == "usb-net" or (device.source is not None and device.source.tag.startswith("hostdev-usb"))
        case Serial():
            return device.target == "usb-serial"
        case Sound():
            return device.model == "usb"
        case Controller():
            return device.type == "ccid"
        case _:
            return isinstance(device, (Redirdev, Hub))


PCI: Mapping[type[Device], Callable[[Device, Family], Connect | None]] = {
    Disk: _disk, Interface: _interface, Hostdev: _hostdev, Controller: _controller, Video: _video, Filesystem: _filesystem, Sound: _sound,
    Input: _input, Watchdog: _watchdog, Serial: _serial, MemoryDevice: _memory, MemoryBalloon: _balloon, Iommu: _iommu, Panic: _panic,
    Rng: _always, Vsock: _always, Crypto: _always, Shmem: _conventional,
}  # fmt: skip
