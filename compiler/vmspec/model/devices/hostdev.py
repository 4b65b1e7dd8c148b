"""A device of the host given to the guest."""

from collections.abc import Mapping

from vmspec.model.block import Annotated, Attr, Block, Choice, Many, Sub
from vmspec.model.devices.device import Boot, Device, WithRom
from vmspec.model.devices.disk import VIRTIO_MODELS
from vmspec.model.devices.kinds import (
    ABSOLUTE,
    COUNT,
    DEVICE_NAME,
    HEX_2,
    HOST,
    PCI_BUS,
    PCI_DOMAIN,
    PCI_FUNCTION,
    PCI_SLOT,
    SECRET_UUID,
    UUID,
    pci_parts,
    pci_text,
)
from vmspec.model.devices.network import USB_NUMBER, USB_ORDER, USB_PORT, USB_PORT_SINCE, Ip, Route, Teaming
from vmspec.model.kind import NAME, ON_OFF, PRESENCE, SECRET, TEXT, YES_NO, ListOf, OneOf, Words
from vmspec.model.value import Secret, Value

STARTUP = OneOf("mandatory", "requisite", "optional")


class Subsystem(Block):
    """A device that the guest gets whole."""

    mode: Annotated[str | None, Attr("@mode", OneOf("subsystem"), "How it is given: whole.", default="subsystem")] = None


class VfioDisplay(Block):
    """A device that may also be a display."""

    display: Annotated[bool | None, Attr("@display", ON_OFF, "Whether the device is a display of the guest.", since="4.6.0")] = None
    ramfb: Annotated[bool | None, Attr("@ramfb", ON_OFF, "Whether the firmware draws on that display.", since="5.10.0")] = None


class PciHostdev(Subsystem, VfioDisplay):
    """A PCI device: `pci(0000:3b:00.0)`."""

    tag = "pci"

    startup_policy: Annotated[
        str | None, Attr("source/@startupPolicy", STARTUP, "What happens when the device is missing.", since="1.0.0")
    ] = None
    write_filtering: Annotated[
        bool | None, Attr("source/@writeFiltering", YES_NO, "Whether Xen filters writes to the configuration space.", since="6.8.0")
    ] = None
    domain: Annotated[int | None, Attr("source/address/@domain", PCI_DOMAIN, "PCI domain on the host.")] = None
    bus: Annotated[int | None, Attr("source/address/@bus", PCI_BUS, "PCI bus on the host.")] = None
    slot: Annotated[int | None, Attr("source/address/@slot", PCI_SLOT, "PCI slot on the host.")] = None
    function: Annotated[int | None, Attr("source/address/@function", PCI_FUNCTION, "PCI function on the host.")] = None
    multifunction: Annotated[bool | None, Attr("source/address/@multifunction", ON_OFF, "Unused here; libvirt's schema allows it.")] = None

    @classmethod
    def positional_parts(cls, text: str) -> "dict[str, Value] | None":
        return pci_parts(text)

    @classmethod
    def joined_parts(cls, values: "Mapping[str, Value]") -> str | None:
        return pci_text(values)


class UsbHostdev(Subsystem):
    """A USB device, by vendor and product, by its place, or both."""

    tag = "usb"
    positional = ("vendor", "product")

    startup_policy: Annotated[
        str | None, Attr("source/@startupPolicy", STARTUP, "What happens when the device is missing.", since="1.0.0")
    ] = None
    guest_reset: Annotated[
        str | None,
        Attr("source/@guestReset", OneOf("off", "uninitialized", "on"), "Whether the guest may reset the device.", since="8.6.0"),
    ] = None
    vendor: Annotated[int | None, Attr("source/vendor/@id", HEX_2, "Vendor id.")] = None
    product: Annotated[int | None, Attr("source/product/@id", HEX_2, "Product id.")] = None
    bus: Annotated[int | None, Attr("source/address/@bus", USB_NUMBER, "USB bus on the host.")] = None
    device: Annotated[
        int | None, Attr("source/address/@device", USB_NUMBER, "Device on that bus; it changes when the device is plugged again.")
    ] = None
    port: Annotated[
        str | None, Attr("source/address/@port", USB_PORT, "Port on that bus, such as 1.4, in place of the device.", since=USB_PORT_SINCE)
    ] = None


class Scsi(Subsystem):
    """A SCSI device with what both of its kinds take."""

    when = "scsi"

    sgio: Annotated[
        str | None, Attr("@sgio", OneOf("filtered", "unfiltered"), "Whether the kernel filters the commands.", since="1.0.6")
    ] = None
    rawio: Annotated[bool | None, Attr("@rawio", YES_NO, "Whether QEMU gets CAP_SYS_RAWIO.", since="1.2.9")] = None


class IscsiHostdev(Scsi):
    """A LUN that QEMU's own initiator opens."""

    tag = "iscsi"
    constants = (("source/@protocol", "iscsi"),)
    positional = ("name",)

    name: Annotated[str | None, Attr("source/@name", TEXT, "IQN of the target, then / and the LUN.", since="1.2.8")] = None
    hosts: Annotated[tuple[str, ...], Attr("source/host*", ListOf(HOST), "The portals, each host:port.", since="1.2.8")] = ()
    user: Annotated[str | None, Attr("source/auth/@username", NAME, "User name.", since="1.2.8")] = None
    secret: Annotated[
        Secret | None, Attr("source/auth/secret[@type='iscsi']/@usage", SECRET, "libvirt's secret with the password.", since="1.2.8")
    ] = None
    secret_uuid: Annotated[
        str | None,
        Attr("source/auth/secret[@type='iscsi']/@uuid", SECRET_UUID, "UUID of that secret, in place of its usage.", since="1.2.8"),
    ] = None
    initiator: Annotated[str | None, Attr("source/initiator/iqn/@name", TEXT, "IQN of the initiator.", since="6.7.0")] = None


class ScsiHostdev(Scsi):
    """A SCSI device of the host: `scsi(scsi_host0, 0, 0, 0)`."""

    tag = "scsi"
    positional = ("adapter", "bus", "target", "unit")

    protocol: Annotated[str | None, Attr("source/@protocol", OneOf("adapter"), "Kind of the source: adapter.")] = None
    adapter: Annotated[str | None, Attr("source/adapter/@name", NAME, "The host's adapter, scsi_hostN.", since="1.0.6")] = None
    adapter_type: Annotated[
        str | None, Attr("source/adapter/@type", OneOf("scsi_host", "fc_host"), "Kind of the adapter; libvirt does not read it.")
    ] = None
    bus: Annotated[int | None, Attr("source/address/@bus", COUNT, "Bus.", since="1.0.6")] = None
    target: Annotated[int | None, Attr("source/address/@target", COUNT, "Target.", since="1.0.6")] = None
    unit: Annotated[int | None, Attr("source/address/@unit", COUNT, "Unit (LUN).", since="1.0.6")] = None


class VhostScsiHostdev(Subsystem):
    """A vhost-scsi target of the host's kernel."""

    tag = "scsi-host"
    when = "scsi_host"
    constants = (("source/@protocol", "vhost"),)
    positional = ("wwpn",)

    model: Annotated[str | None, Attr("@model", OneOf(*VIRTIO_MODELS), "Model of the device in the guest.", since="5.2.0")] = None
    wwpn: Annotated[
        str | None,
        Attr(
            "source/@wwpn",
            Words(r"naa\.[0-9a-fA-F]{16}", "a name such as naa.5123456789abcde0", symbol=True),
            "World wide port name of the target.",
            since="2.5.0",
        ),
    ] = None


class MdevHostdev(Subsystem, VfioDisplay):
    """A mediated device of the host, such as a part of a GPU."""

    tag = "mdev"
    positional = ("uuid",)

    model: Annotated[
        str | None, Attr("@model", OneOf("vfio-pci", "vfio-ccw", "vfio-ap"), "Interface to the guest.", since="3.2.0", default="vfio-pci")
    ] = None
    uuid: Annotated[str | None, Attr("source/address/@uuid", UUID, "UUID of the mediated device.", since="3.2.0")] = None


class Capability(Block):
    """A device that a container may use."""

    mode: Annotated[
        str | None, Attr("@mode", OneOf("capabilities"), "How it is given: to a container.", since="1.0.1", default="capabilities")
    ] = None


class StorageHostdev(Capability):
    """A block device for a container."""

    tag = "storage"
    positional = ("block",)

    block: Annotated[str | None, Attr("source/block", ABSOLUTE, "Path of the device.", since="1.0.1")] = None


class MiscHostdev(Capability):
    """A character device for a container."""

    tag = "misc"
    positional = ("char",)

    char: Annotated[str | None, Attr("source/char", ABSOLUTE, "Path of the device.", since="1.0.1")] = None


class NetHostdev(Capability):
    """A network card for a container."""

    tag = "net"
    positional = ("interface",)

    interface: Annotated[str | None, Attr("source/interface", DEVICE_NAME, "Name of the card.", since="1.0.1")] = None
    ip: Annotated[tuple[Ip, ...], Many("Addresses in the container.", implied="ip0", since="1.2.12")] = ()
    route: Annotated[tuple[Route, ...], Many("Routes in the container.", implied="route0", since="1.2.12")] = ()


class Hostdev(Boot, WithRom, Device):
    """A device of the host given to the guest."""

    element = "devices/hostdev"
    xml_order = USB_ORDER

    managed: Annotated[
        bool | None, Attr("@managed", YES_NO, "Whether libvirt takes the device from the host and gives it back.", unchecked=True)
    ] = None
    driver: Annotated[
        str | None, Attr("driver/@name", OneOf("vfio", "kvm", "xen"), "Driver of the host for a PCI device.", since="1.0.5")
    ] = None
    driver_model: Annotated[str | None, Attr("driver/@model", NAME, "Variant of the VFIO driver.", since="10.0.0")] = None
    iommufd: Annotated[bool | None, Attr("driver/@iommufd", YES_NO, "Whether VFIO uses iommufd.", since="12.1.0")] = None
    teaming: Annotated[Teaming | None, Sub("Its partner in a bond of the guest.", since="7.1.0")] = None
    source: Annotated[
        PciHostdev
        | UsbHostdev
        | IscsiHostdev
        | ScsiHostdev
        | VhostScsiHostdev
        | MdevHostdev
        | StorageHostdev
        | MiscHostdev
        | NetHostdev
        | None,
        Choice("@type", "The device on the host."),
    ] = None
    readonly: Annotated[bool | None, Attr("readonly", PRESENCE, "The guest cannot write to a SCSI device.", since="1.0.6")] = None
    shareable: Annotated[bool | None, Attr("shareable", PRESENCE, "Several guests may use a SCSI device at once.", since="1.0.6")] = None
