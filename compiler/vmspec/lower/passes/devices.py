"""Lists the devices of a guest in one order, with the bus that each connects to.

Sources: libvirt 9.0.0 src/qemu/qemu_domain_address.c (qemuDomainDeviceCalculatePCIConnectFlags: what is PCI, PCI Express or neither;
qemuDomainValidateDevicePCISlotsQ35 and …PIIX3: the chipset's own places).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from vmspec.base.provenance import Path
from vmspec.lower.fleet import Fleet
from vmspec.lower.layout.v1 import Connect, Pci
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import Device
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.hostdev import Hostdev, UsbHostdev
from vmspec.model.devices.hub import Hub
from vmspec.model.devices.input import Input
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.iommu import Iommu
from vmspec.model.devices.redirdev import Redirdev
from vmspec.model.devices.serial import Serial
from vmspec.model.devices.sound import Sound
from vmspec.model.devices.video import Video
from vmspec.model.domain import Domain
from vmspec.model.machine import is_q35
from vmspec.model.pci_topology import HD_AUDIO, PciPlace, Plug, builtin_place, first_video, plug
from vmspec.model.walk import device_kinds

_FIRST = (
    "interface", "controller", "disk", "hostdev", "filesystem", "video", "sound", "rng", "vsock", "input", "watchdog", "shmem",
    "memory-device", "crypto", "iommu", "serial", "parallel", "console", "channel", "redirdev", "smartcard", "hub", "tpm", "panic",
)  # fmt: skip
_WITHOUT = ("nvram", "pstore")
"""A guest has one at most, which libvirt itself places and calls by its kind."""
KINDS: tuple[str, ...] = (
    *_FIRST, *(kind.replace("_", "-") for kind in device_kinds() if kind.replace("_", "-") not in (*_FIRST, *_WITHOUT)),
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
    """A sort key that compares runs of digits as numbers."""
    return tuple(
        (0, int(part), part) if part.isdigit() and part.isascii() else (1, 0, part) for part in re.findall(r"[0-9]+|[^0-9]+", label)
    )


def connect(device: Device) -> Connect | None:
    """How a device connects to PCI, in the terms of the layout; None if it does not."""
    if isinstance(device, Controller) and device.type == "pci":
        return {"pcie-to-pci-bridge": Connect.EXPRESS, "pci-bridge": Connect.CONVENTIONAL}.get(str(device.model))
    match plug(device):
        case None:
            return None
        case Plug.CONVENTIONAL:
            return Connect.CONVENTIONAL
        case Plug.EXPRESS | Plug.VIRTIO | Plug.INTEGRATED:
            return Connect.EXPRESS


INTEGRATED = tuple(Pci(0, slot) for slot in range(0x1E, 0x18, -1))
"""Where a part of the root complex goes: it has a slot of bus 0 and no port."""


def preferred(device: Device, vm: Domain) -> tuple[Pci, ...]:
    """The chipset's own places for it, best first."""
    place: PciPlace | None = None
    match device:
        case Video() if device.primary:
            place = first_video(vm)
        case Iommu() if plug(device) is Plug.INTEGRATED:
            return INTEGRATED
        case Sound(model="ich9") if is_q35(vm):
            place = HD_AUDIO
        case Controller():
            place = builtin_place(vm, device)
    return () if place is None else (Pci(*place),)


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
