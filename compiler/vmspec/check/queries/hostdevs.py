"""What makes a host device the one that it is."""

from __future__ import annotations

from vmspec.model.devices.hostdev import Hostdev, IscsiHostdev, MdevHostdev, PciHostdev, ScsiHostdev, UsbHostdev, VhostScsiHostdev
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.network import HostdevSource, HostdevUsbSource


def card_identity(card: Interface) -> tuple[object, ...] | None:
    """The same of a card of the host that a guest has as an interface."""
    match card.source:
        case HostdevSource() as pci:
            return ("pci", pci.domain or 0, pci.bus or 0, pci.slot or 0, pci.function or 0)
        case HostdevUsbSource() as usb if usb.bus and usb.device:
            return ("usb", usb.bus, usb.device)
        case _:
            return None


def host_identity(device: Hostdev) -> tuple[object, ...] | None:
    """Equal for two that are one device of the host (virDomainHostdevMatch, libvirt 9.0.0); None where it cannot be told."""
    match device.source:
        case PciHostdev() as pci:
            return ("pci", pci.domain or 0, pci.bus or 0, pci.slot or 0, pci.function or 0)
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
