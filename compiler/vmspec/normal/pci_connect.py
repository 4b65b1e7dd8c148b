"""Which bus a device can sit on, and what a bus takes.

Source: libvirt 9.0.0 qemuDomainDeviceCalculatePCIConnectFlags (src/qemu/qemu_domain_address.c), virDomainPCIAddressBusSetModel and
virDomainPCIControllerModelToConnectType (src/conf/domain_addr.c).
"""

from __future__ import annotations

from enum import Flag, auto
from typing import Any

from vmspec.model.devices.hostdev import Hostdev, MdevHostdev, PciHostdev, VhostScsiHostdev
from vmspec.model.devices.network import HostdevPort, HostdevSource
from vmspec.model.domain import Domain
from vmspec.normal.device_table import Seat
from vmspec.normal.guest import has_pcie_root
from vmspec.normal.interface import MODELS
from vmspec.normal.target import Target


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
CONTROLLERS = {
    "pci-bridge": BusConnect.BRIDGE, "pci-expander-bus": BusConnect.EXPANDER, "pcie-expander-bus": BusConnect.PCIE_EXPANDER,
    "dmi-to-pci-bridge": BusConnect.DMI_BRIDGE, "pcie-to-pci-bridge": BusConnect.PCIE_BRIDGE,
    "pcie-root-port": BusConnect.ROOT_PORT | BusConnect.AGGREGATE,
    "pcie-switch-upstream-port": BusConnect.UPSTREAM, "pcie-switch-downstream-port": BusConnect.DOWNSTREAM,
}  # fmt: skip
_PORT = BusConnect.AUTO | BusConnect.PCIE | BusConnect.UPSTREAM | BusConnect.PCIE_BRIDGE
_CONVENTIONAL = BusConnect.AUTO | BusConnect.PCI | BusConnect.BRIDGE
BUSES = {
    "pci-root": (_CONVENTIONAL | BusConnect.EXPANDER, True, 1, 31),
    "pci-bridge": (_CONVENTIONAL, True, 1, 31),
    "pci-expander-bus": (_CONVENTIONAL, True, 0, 31),
    "pcie-root": (BusConnect.PCIE | BusConnect.ROOT_PORT | BusConnect.DMI_BRIDGE | BusConnect.PCIE_EXPANDER, False, 1, 31),
    "dmi-to-pci-bridge": (BusConnect.PCI | BusConnect.BRIDGE, False, 0, 31),
    "pcie-to-pci-bridge": (_CONVENTIONAL, True, 1, 31),
    "pcie-root-port": (_PORT, True, 0, 0),
    "pcie-switch-downstream-port": (_PORT, True, 0, 0),
    "pcie-switch-upstream-port": (BusConnect.DOWNSTREAM, False, 0, 31),
    "pcie-expander-bus": (BusConnect.ROOT_PORT | BusConnect.DMI_BRIDGE, False, 0, 31),
}
"""What a bus takes, whether it can be plugged, its first and last slot."""

TRANSITIONAL = "virtio-transitional"
_SCSI_NONE = (None, "ncr53c90")


class Flags:
    """The flags of every device of one domain."""

    def __init__(self, vm: Domain, target: Target) -> None:
        self.pci = BusConnect.PCI | BusConnect.AUTO
        self.pcie = BusConnect.PCIE | BusConnect.AUTO if has_pcie_root(vm) else self.pci
        self.virtio = self.pcie if target.has("virtio-pci-non-transitional") else self.pci

    def of(self, seat: Seat, device: Any) -> BusConnect:
        """NONE: it does not sit on PCI."""
        match seat.kind:
            case "controller":
                return self._controller(device)
            case "disk":
                return self._virtio(device.model) if device.bus == "virtio" else BusConnect.NONE
            case "interface":
                return self._interface(device)
            case "hostdev":
                return self._hostdev(device)
            case "video":
                return self._video(str(device.model))
            case "input":
                return self._virtio(device.model) if device.bus == "virtio" else BusConnect.NONE
            case "balloon":
                return self._virtio(device.model) if device.model not in ("none", "xen") else BusConnect.NONE
            case "rng" | "vsock":
                return self._virtio(device.model)
            case "filesystem":
                return self._filesystem(device)
            case _:
                return self._simple(seat.kind, device)

    def _simple(self, kind: str, device: Any) -> BusConnect:
        sits = {
            "sound": device.__dict__.get("model") in ("es1370", "ac97", "ich6", "ich9"),
            "watchdog": device.__dict__.get("model") == "i6300esb",
            "shmem": True,
            "serial": device.__dict__.get("target") == "pci-serial",
        }.get(kind, False)
        if sits:
            return self.pci
        if kind == "iommu" and device.model == "virtio":
            return self.virtio | BusConnect.INTEGRATED
        return self.virtio if kind == "memory_device" and device.model in ("virtio-pmem", "virtio-mem") else BusConnect.NONE

    def _virtio(self, model: object) -> BusConnect:
        """A transitional device is a conventional one."""
        return self.pci if model == TRANSITIONAL else self.virtio

    def _controller(self, own: Any) -> BusConnect:
        model = None if own.model is None else str(own.model)
        match own.type:
            case "pci":
                return CONTROLLERS.get(model or "", BusConnect.NONE)
            case "sata" | "ide":
                return self.pci
            case "usb":
                return self.pcie if model in ("nec-xhci", "qemu-xhci") else BusConnect.NONE if model == "none" else self.pci
            case "scsi":
                if model in _SCSI_NONE:
                    return BusConnect.NONE
                return self.virtio if model in ("virtio-scsi", "virtio-non-transitional") else self.pci
            case "virtio-serial":
                return self._virtio(model)
            case _:
                return BusConnect.NONE

    def _interface(self, own: Any) -> BusConnect:
        if isinstance(own.source, HostdevPort):
            return self.pcie if isinstance(own.source, HostdevSource) else BusConnect.NONE
        if own.model == "usb-net":
            return BusConnect.NONE
        if own.model in ("virtio", "virtio-non-transitional"):
            return self.virtio
        return self.pcie if own.model == "e1000e" or own.model not in MODELS else self.pci  # an unknown one is taken for a host device

    def _hostdev(self, own: Hostdev) -> BusConnect:
        """A host device that cannot be looked at is taken for PCI Express, as libvirt does."""
        match own.source:
            case PciHostdev() | MdevHostdev():
                return self.pcie
            case VhostScsiHostdev():
                return self._virtio(own.source.model)
            case _:
                return BusConnect.NONE

    def _video(self, model: str) -> BusConnect:
        if model == "virtio":
            return self.virtio
        if model in ("vga", "cirrus", "vmvga", "xen", "vbox", "qxl"):
            return self.pci
        return self.pcie if model == "bochs" else BusConnect.NONE

    def _filesystem(self, own: Any) -> BusConnect:
        if own.driver in (None, "path", "handle"):
            return self._virtio(own.model)
        return self.virtio if own.driver == "virtiofs" else BusConnect.NONE
