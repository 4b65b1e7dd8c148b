"""The PCI topology of a guest: how each device plugs in, what each bus takes, and which places the chipset itself has.

Source: libvirt 9.0.0 src/qemu/qemu_domain_address.c (qemuDomainDeviceCalculatePCIConnectFlags, qemuDomainValidateDevicePCISlotsPIIX3 and
…Q35), src/conf/domain_addr.c (virDomainPCIAddressBusSetModel, virDomainPCIControllerModelToConnectType). `lower/layout/v1.py`, on which
locks depend, is frozen and has its own words for it; tests/model/test_pci_topology.py compares them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, Flag, auto
from typing import NamedTuple

from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import Device, Virtio
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.filesystem import Filesystem
from vmspec.model.devices.hostdev import Hostdev, MdevHostdev, PciHostdev, VhostScsiHostdev
from vmspec.model.devices.input import Input
from vmspec.model.devices.interface import KNOWN_MODELS, Interface
from vmspec.model.devices.iommu import Iommu
from vmspec.model.devices.memory_balloon import MemoryBalloon
from vmspec.model.devices.memory_device import MemoryDevice
from vmspec.model.devices.network import HostdevPort, HostdevSource
from vmspec.model.devices.panic import Panic
from vmspec.model.devices.serial import Serial
from vmspec.model.devices.shmem import Shmem
from vmspec.model.devices.sound import Sound
from vmspec.model.devices.video import Video
from vmspec.model.devices.watchdog import Watchdog
from vmspec.model.domain import Domain
from vmspec.model.machine import is_arm_virt, is_i440fx, is_q35, is_riscv_virt


class Plug(Enum):
    """How a device that is no PCI controller plugs in."""

    VIRTIO = "PCI Express, where QEMU has virtio devices that are not transitional (since 2.9); else conventional PCI"
    EXPRESS = "PCI Express"
    CONVENTIONAL = "conventional PCI"
    INTEGRATED = "part of the root complex, on bus 0 alone"


class BusConnect(Flag):
    """How a device connects, or what a bus takes."""

    NONE = 0
    AUTO = auto()
    """Of a bus: devices may be put there unasked. Of a device: it may be put."""
    HOTPLUG = auto()
    PCI = auto()
    PCIE = auto()
    ROOT_PORT = auto()
    UPSTREAM = auto()
    DOWNSTREAM = auto()
    DMI_BRIDGE = auto()
    EXPANDER = auto()
    PCIE_EXPANDER = auto()
    BRIDGE = auto()
    PCIE_BRIDGE = auto()
    AGGREGATE = auto()
    """Several of these share a slot."""
    INTEGRATED = auto()
    """Only on bus 0, even if nothing else is put there."""


ENDPOINT = BusConnect.PCI | BusConnect.PCIE
TYPES = (
    ENDPOINT | BusConnect.ROOT_PORT | BusConnect.UPSTREAM | BusConnect.DOWNSTREAM | BusConnect.DMI_BRIDGE | BusConnect.EXPANDER
    | BusConnect.PCIE_EXPANDER | BusConnect.BRIDGE | BusConnect.PCIE_BRIDGE
)  # fmt: skip
CONTROLLERS: Mapping[str, BusConnect] = {
    "pci-bridge": BusConnect.BRIDGE, "pci-expander-bus": BusConnect.EXPANDER, "pcie-expander-bus": BusConnect.PCIE_EXPANDER,
    "dmi-to-pci-bridge": BusConnect.DMI_BRIDGE, "pcie-to-pci-bridge": BusConnect.PCIE_BRIDGE,
    "pcie-root-port": BusConnect.ROOT_PORT | BusConnect.AGGREGATE,
    "pcie-switch-upstream-port": BusConnect.UPSTREAM, "pcie-switch-downstream-port": BusConnect.DOWNSTREAM,
}  # fmt: skip
"""What a PCI controller plugs in as, by its model."""


class BusModel(NamedTuple):
    """What a bus takes, whether devices can be plugged into it while the guest runs, its first and last slot."""

    takes: BusConnect
    hotplug: bool
    first: int
    last: int


_PORT = BusConnect.AUTO | BusConnect.PCIE | BusConnect.UPSTREAM | BusConnect.PCIE_BRIDGE
_CONVENTIONAL = BusConnect.AUTO | BusConnect.PCI | BusConnect.BRIDGE
BUSES: Mapping[str, BusModel] = {
    "pci-root": BusModel(_CONVENTIONAL | BusConnect.EXPANDER, True, 1, 31),
    "pci-bridge": BusModel(_CONVENTIONAL, True, 1, 31),
    "pci-expander-bus": BusModel(_CONVENTIONAL, True, 0, 31),
    "pcie-root": BusModel(BusConnect.PCIE | BusConnect.ROOT_PORT | BusConnect.DMI_BRIDGE | BusConnect.PCIE_EXPANDER, False, 1, 31),
    "dmi-to-pci-bridge": BusModel(BusConnect.PCI | BusConnect.BRIDGE, False, 0, 31),
    "pcie-to-pci-bridge": BusModel(_CONVENTIONAL, True, 1, 31),
    "pcie-root-port": BusModel(_PORT, True, 0, 0),
    "pcie-switch-downstream-port": BusModel(_PORT, True, 0, 0),
    "pcie-switch-upstream-port": BusModel(BusConnect.DOWNSTREAM, False, 0, 31),
    "pcie-expander-bus": BusModel(BusConnect.ROOT_PORT | BusConnect.DMI_BRIDGE, False, 0, 31),
}
"""By the model of the controller that makes the bus."""
ROOTS = ("pci-root", "pcie-root")


class PciPlace(NamedTuple):
    """A place in PCI domain 0."""

    bus: int
    slot: int
    function: int = 0


ISA_BRIDGE, IDE, PIIX_USB, POWER = PciPlace(0, 1, 0), PciPlace(0, 1, 1), PciPlace(0, 1, 2), PciPlace(0, 1, 3)
"""The PIIX3 of i440fx, whose functions are devices."""
LPC_BRIDGE, SATA, SMBUS = PciPlace(0, 31, 0), PciPlace(0, 31, 2), PciPlace(0, 31, 3)
HD_AUDIO, DMI_BRIDGE = PciPlace(0, 0x1B), PciPlace(0, 0x1E)
USB2_SLOTS = (0x1D, 0x1A)
"""The ICH9 of q35; its USB 2 controllers take the first of these slots that is free."""


def root_model(vm: Domain) -> str | None:
    """The root of the PCI topology; None where this machine has none that we know."""
    return "pcie-root" if is_q35(vm) or is_arm_virt(vm) or is_riscv_virt(vm) else "pci-root" if is_i440fx(vm) else None


def builtin_place(vm: Domain, controller: Controller) -> PciPlace | None:
    """Where a controller of the chipset's own is, which libvirt sets; None for one that is added."""
    if controller.index not in (None, 0):
        return None
    if is_i440fx(vm):
        usb = controller.type == "usb" and controller.model in (None, "piix3-uhci")
        return IDE if controller.type == "ide" else PIIX_USB if usb else None
    return SATA if is_q35(vm) and controller.type == "sata" else None


def first_video(vm: Domain) -> PciPlace | None:
    """The place of the first video card, if it is free."""
    return PciPlace(0, 1) if is_q35(vm) else PciPlace(0, 2) if is_i440fx(vm) else None


def plug(device: Device) -> Plug | None:
    """None where it is not on PCI, or is a PCI controller (`CONTROLLERS`)."""
    match device:
        case Disk() | Input():
            return _virtio(device) if device.bus == "virtio" else None
        case Interface():
            return _interface(device)
        case Hostdev():
            return _hostdev(device)
        case Controller():
            return _controller(device)
        case Video():
            return _VIDEO.get(str(device.model))
        case Filesystem():
            return _virtio(device) if device.driver in (None, "path", "handle", "virtiofs") else None
        case Sound():
            conventional = Plug.CONVENTIONAL if device.model in ("es1370", "ac97", "ich6", "ich9") else None
            return Plug.VIRTIO if device.model == "virtio" else conventional
        case MemoryBalloon():
            return None if device.model in ("none", "xen") else _virtio(device)
        case MemoryDevice():
            return Plug.VIRTIO if device.model in ("virtio-mem", "virtio-pmem") else None
        case Iommu():
            return Plug.INTEGRATED if device.model == "virtio" else None
        case Serial() if device.target == "pci-serial":
            return Plug.CONVENTIONAL
        case Watchdog(model="i6300esb") | Panic(model="pvpanic") | Shmem():
            return Plug.CONVENTIONAL
        case _:
            return _virtio(device) if isinstance(device, Virtio) else None


def _virtio(device: Device) -> Plug:
    """A transitional device works in conventional slots only."""
    return Plug.CONVENTIONAL if vars(device).get("model") == "virtio-transitional" else Plug.VIRTIO


def _interface(device: Interface) -> Plug | None:
    """A model that libvirt does not know is taken for a host device's (seen with igb and tulip on libvirt 9.0.0)."""
    if isinstance(device.source, HostdevPort):
        return Plug.EXPRESS if isinstance(device.source, HostdevSource) else None
    model = str(device.model).lower()
    if model == "usb-net":
        return None
    if model in ("virtio", "virtio-non-transitional"):
        return Plug.VIRTIO
    return Plug.EXPRESS if model == "e1000e" or model not in _KNOWN else Plug.CONVENTIONAL


def _hostdev(device: Hostdev) -> Plug | None:
    """A host device that cannot be looked at is taken for PCI Express, as libvirt does."""
    match device.source:
        case PciHostdev() | MdevHostdev():
            return Plug.EXPRESS
        case VhostScsiHostdev():
            return Plug.CONVENTIONAL if device.source.model == "virtio-transitional" else Plug.VIRTIO
        case _:
            return None


def _controller(device: Controller) -> Plug | None:
    match str(device.type):
        case "usb":
            return None if device.model == "none" else Plug.EXPRESS if device.model in ("qemu-xhci", "nec-xhci") else Plug.CONVENTIONAL
        case "scsi":
            if device.model in (None, "ncr53c90"):
                return None
            return Plug.VIRTIO if device.model in ("virtio-scsi", "virtio-non-transitional") else Plug.CONVENTIONAL
        case "virtio-serial":
            return _virtio(device)
        case "sata" | "ide":
            return Plug.CONVENTIONAL
        case _:
            return None


_KNOWN = frozenset(model.lower() for model in KNOWN_MODELS)
_VIDEO: Mapping[str, Plug] = {
    "virtio": Plug.VIRTIO, "bochs": Plug.EXPRESS, **dict.fromkeys(("vga", "cirrus", "vmvga", "xen", "vbox", "qxl"), Plug.CONVENTIONAL),
}  # fmt: skip


def takes(model: str, device: Device) -> bool:
    """Whether a bus of this model takes the device at an address that was written (virDomainPCIAddressFlagsCompatible): any endpoint where
    one fits, and a pci-bridge as one. What is not known may be there."""
    bus, own = BUSES.get(model), BusConnect.NONE
    if isinstance(device, Controller) and device.type == "pci" and device.model:
        if str(device.model) in ROOTS or str(device.model) not in CONTROLLERS:
            return True
        own = CONTROLLERS[str(device.model)]
    if bus is None:
        return True
    endpoint = own in (BusConnect.NONE, BusConnect.BRIDGE) and bool(bus.takes & ENDPOINT)
    return endpoint or bool(own & bus.takes & TYPES)


def grown_bus(vm: Domain, device: Device) -> str | None:
    """The model of the bus that libvirt adds for a device whose address names one that is not there (virDomainPCIAddressSetGrow; each
    kind of device tried on libvirt 9.0.0); None where that depends on more than the device."""
    if isinstance(device, Controller) and device.type == "pci":
        return None
    if is_i440fx(vm):
        return "pci-bridge"
    express = plug(device) in (Plug.VIRTIO, Plug.EXPRESS)
    return ("pcie-root-port" if express else "pcie-to-pci-bridge") if is_q35(vm) else None
