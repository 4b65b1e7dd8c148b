"""What makes a host device the one that it is."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.model.devices.hostdev import Hostdev, IscsiHostdev, MdevHostdev, PciHostdev, ScsiHostdev, UsbHostdev, VhostScsiHostdev
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.network import HostdevSource, HostdevUsbSource
from vmspec.model.domain import Domain
from vmspec.model.network import ForwardAddress


def pci_held(vm: Domain) -> Iterator[tuple[Path, str]]:
    """The PCI devices of the host that a guest has by address, as a device or as an interface: where that is said, the address."""
    for device in vm.hostdev:
        if isinstance(device.source, PciHostdev):
            yield ("hostdev", device.label, "source"), pci_address(device.source)
    for card in vm.interface:
        if isinstance(card.source, HostdevSource):
            yield ("interface", card.label, "source"), pci_address(card.source)


def pci_address(pci: PciHostdev | HostdevSource | ForwardAddress) -> str:
    """As the language writes it: 0000:3b:02.0."""
    return f"{pci.domain or 0:04x}:{pci.bus or 0:02x}:{pci.slot or 0:02x}.{pci.function or 0}"


def show_identity(identity: tuple[object, ...]) -> str:
    """A device by what makes it that one, for a message."""
    match identity:
        case ("pci", str(address)):
            return f"PCI device {address}"
        case ("usb-id", int(vendor), product):
            return f"USB device {vendor:04x}:{product or 0:04x}"
        case ("usb", bus, device):
            return f"device {device} of USB bus {bus}"
        case ("scsi", adapter, bus, target, unit):
            return f"SCSI device {bus}:{target}:{unit} of {adapter}"
        case (kind, *_, name):
            return f"{kind} device {name}"
        case _:
            return "device"


def card_identity(card: Interface) -> tuple[object, ...] | None:
    """The same of a card of the host that a guest has as an interface."""
    match card.source:
        case HostdevSource() as pci:
            return ("pci", pci_address(pci))
        case HostdevUsbSource() as usb if usb.bus and usb.device:
            return ("usb", usb.bus, usb.device)
        case _:
            return None


def host_identity(device: Hostdev) -> tuple[object, ...] | None:
    """Equal for two that are one device of the host (virDomainHostdevMatch, libvirt 9.0.0); None where it cannot be told."""
    match device.source:
        case PciHostdev() as pci:
            return ("pci", pci_address(pci))
        case UsbHostdev() as usb if usb.bus and usb.device:
            return ("usb", usb.bus, usb.device)
        case UsbHostdev() as usb if usb.vendor:
            return ("usb-id", usb.vendor, usb.product)
        case ScsiHostdev() as scsi if scsi.adapter:
            return ("scsi", scsi.adapter, scsi.bus or 0, scsi.target or 0, scsi.unit or 0)
        case IscsiHostdev() as iscsi if iscsi.name:
            return ("iscsi", iscsi.hosts[:1], iscsi.name)
        case VhostScsiHostdev() as vhost if vhost.wwpn:
            return ("vhost-scsi", vhost.wwpn)
        case MdevHostdev() as mdev if mdev.uuid:
            return ("mdev", mdev.uuid)
        case _:
            return None
