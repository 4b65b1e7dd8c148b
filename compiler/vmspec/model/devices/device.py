"""What every device has, and where a device stands on its bus."""

from collections.abc import Mapping
from typing import TypeAlias

from vmspec.model.block import Annotated, Attr, Block, Choice, Sub
from vmspec.model.devices.kinds import (
    ABSOLUTE,
    COUNT,
    INDEX,
    PCI_BUS,
    PCI_DOMAIN,
    PCI_FUNCTION,
    PCI_SLOT,
    POSITIVE,
    BareHex,
    Decimal,
    pci_parts,
    pci_text,
)
from vmspec.model.kind import CPUS, ON_OFF, YES_NO, Integer, ReadWords, Words
from vmspec.model.value import CpuSet, Value


class PciNumbers(Block):
    """The four numbers of a PCI address; written as one, `pci(0000:3b:00.0)`."""

    domain: Annotated[int | None, Attr("@domain", PCI_DOMAIN, "PCI domain (segment); QEMU guests have only 0.")] = None
    bus: Annotated[int | None, Attr("@bus", PCI_BUS, "Index of the PCI controller that the device sits on.")] = None
    slot: Annotated[int | None, Attr("@slot", PCI_SLOT, "Slot (device number) on that bus.")] = None
    function: Annotated[int | None, Attr("@function", PCI_FUNCTION, "Function within the slot.")] = None
    multifunction: Annotated[
        bool | None, Attr("@multifunction", ON_OFF, "The slot holds further functions; set on function 0.", since="0.9.7")
    ] = None

    @classmethod
    def positional_parts(cls, text: str) -> "dict[str, Value] | None":
        return pci_parts(text)

    @classmethod
    def joined_parts(cls, values: "Mapping[str, Value]") -> str | None:
        return pci_text(values)


class PciAddress(PciNumbers):
    """A place on a PCI bus."""

    element = "address"
    tag = "pci"

    zpci_uid: Annotated[
        int | None, Attr("zpci/@uid", Integer(0, 0xFFFF, radix=16, digits=4), "User-defined id of a PCI device on s390x.", since="4.10.0")
    ] = None
    zpci_fid: Annotated[
        int | None, Attr("zpci/@fid", Integer(0, 0xFFFFFFFF, radix=16, digits=8), "Function id of a PCI device on s390x.", since="4.10.0")
    ] = None


class DriveAddress(Block):
    """A place on a disk controller."""

    element = "address"
    tag = "drive"
    positional = ("controller", "bus", "target", "unit")

    controller: Annotated[int | None, Attr("@controller", INDEX, "Index of the controller.")] = None
    bus: Annotated[int | None, Attr("@bus", INDEX, "Bus of the controller.")] = None
    target: Annotated[int | None, Attr("@target", INDEX, "Target on the bus.", since="0.9.11")] = None
    unit: Annotated[int | None, Attr("@unit", INDEX, "Unit (LUN) on the target.")] = None


class VirtioSerialAddress(Block):
    """A port of a virtio-serial controller."""

    element = "address"
    tag = "virtio-serial"
    positional = ("controller", "bus", "port")

    controller: Annotated[int | None, Attr("@controller", INDEX, "Index of the virtio-serial controller.")] = None
    bus: Annotated[int | None, Attr("@bus", INDEX, "Bus of the controller; always 0.")] = None
    port: Annotated[int | None, Attr("@port", INDEX, "Port; 0 is kept for a console.")] = None


class CcidAddress(Block):
    """A slot of a smartcard controller."""

    element = "address"
    tag = "ccid"
    positional = ("controller", "slot")

    controller: Annotated[int | None, Attr("@controller", INDEX, "Index of the CCID controller.")] = None
    slot: Annotated[int | None, Attr("@slot", INDEX, "Slot within the controller.")] = None


class UsbAddress(Block):
    """A port of a USB controller."""

    element = "address"
    tag = "usb"
    positional = ("bus", "port")

    bus: Annotated[int | None, Attr("@bus", Decimal(0, 0xFFF), "Index of the USB controller.")] = None
    port: Annotated[
        str | None,
        Attr(
            "@port",
            ReadWords(r"([0-9]{1,3}\.){0,3}[0-9]{1,3}", "a USB port such as 1 or 2.3, four numbers at most", symbol=True),
            "Port; dots lead through hubs.",
        ),
    ] = None


class SpaprVioAddress(Block):
    """A register of the virtual I/O bus of a pSeries guest."""

    element = "address"
    tag = "spapr-vio"
    positional = ("reg",)

    reg: Annotated[int | None, Attr("@reg", BareHex(0, 0xFFFFFFFF, digits=8), "Register of the device.", since="0.9.9")] = None


class CcwAddress(Block):
    """A channel device of an s390x guest."""

    element = "address"
    tag = "ccw"
    positional = ("cssid", "ssid", "devno")

    cssid: Annotated[
        int | None, Attr("@cssid", Integer(0, 0xFE, radix=16, digits=1), "Channel subsystem; virtio devices have 0xfe.", since="1.0.4")
    ] = None
    ssid: Annotated[int | None, Attr("@ssid", Integer(0, 3, radix=16, digits=1), "Subchannel set.", since="1.0.4")] = None
    devno: Annotated[int | None, Attr("@devno", Integer(0, 0xFFFF, radix=16, digits=4), "Device number.", since="1.0.4")] = None


class IsaAddress(Block):
    """A place on the ISA bus."""

    element = "address"
    tag = "isa"
    positional = ("iobase", "irq")

    iobase: Annotated[int | None, Attr("@iobase", BareHex(0, 0xFFFF, digits=1), "First I/O port.", since="1.2.1")] = None
    irq: Annotated[int | None, Attr("@irq", BareHex(0, 0xF, digits=1), "Interrupt line.", since="1.2.1")] = None


class VirtioMmioAddress(Block):
    """The memory-mapped virtio bus of ARM guests; it has no numbers."""

    element = "address"
    tag = "virtio-mmio"


class DimmAddress(Block):
    """A slot for memory modules."""

    element = "address"
    tag = "dimm"
    positional = ("slot", "base")

    slot: Annotated[int | None, Attr("@slot", INDEX, "Slot of the memory module.")] = None
    base: Annotated[int | None, Attr("@base", BareHex(0, digits=1), "Guest-physical address where the module begins.")] = None


class Unassigned(Block):
    """No address: a host device that is kept from the host but not given to the guest."""

    element = "address"
    tag = "unassigned"


Address: TypeAlias = (
    PciAddress
    | DriveAddress
    | VirtioSerialAddress
    | CcidAddress
    | UsbAddress
    | SpaprVioAddress
    | CcwAddress
    | IsaAddress
    | VirtioMmioAddress
    | DimmAddress
    | Unassigned
)


class Device(Block):
    """What every device has."""

    trailing = True

    acpi_index: Annotated[
        int | None, Attr("acpi/@index", COUNT, "ACPI index, from which the guest derives a stable name (enoN).", since="7.3.0")
    ] = None
    acpi_nodeset: Annotated[
        CpuSet | None, Attr("acpi/@nodeset", CPUS, "Cells of the guest that a PCI device is near to.", since="11.8.0")
    ] = None
    alias: Annotated[
        str | None,
        Attr(
            "alias/@name",
            Words(r"[a-zA-Z0-9_\-.]+", "an alias", symbol=True),
            "Identity of the device; one of ours starts with `ua-`.",
            since="3.9.0",
        ),
    ] = None
    address: Annotated[Address | None, Choice("address/@type", "Where the device stands on its bus.")] = None


class Boot(Block):
    """A device from which the guest can boot."""

    boot: Annotated[
        int | None,
        Attr("boot/@order", POSITIVE, "Place in the boot order, from 1; not together with `boot` of the machine.", since="0.8.8"),
    ] = None
    boot_loadparm: Annotated[
        str | None,
        Attr(
            "boot/@loadparm",
            Words(r"[a-zA-Z0-9.\s]{1,8}", "at most 8 letters, digits, dots and spaces"),
            "Boot parameter of an s390x guest.",
            since="3.5.0",
        ),
    ] = None


class Rom(Block):
    """The option ROM of a PCI device."""

    element = "rom"

    enabled: Annotated[bool | None, Attr("@enabled", YES_NO, "Whether the guest sees a ROM at all.", since="4.3.0")] = None
    bar: Annotated[bool | None, Attr("@bar", ON_OFF, "Whether the ROM is visible in the guest's memory map.", since="0.9.7")] = None
    file: Annotated[str | None, Attr("@file", ABSOLUTE, "File with another ROM for the device.", since="0.9.10")] = None


class WithRom(Block):
    """A PCI device that may have an option ROM."""

    rom: Annotated[Rom | None, Sub("The option ROM.")] = None


class Virtio(Block):
    """Options of every virtio device, in its `driver` element."""

    iommu: Annotated[bool | None, Attr("driver/@iommu", ON_OFF, "The device uses the guest's IOMMU or bounce buffers.", since="3.5.0")] = (
        None
    )
    ats: Annotated[bool | None, Attr("driver/@ats", ON_OFF, "Address Translation Service of PCIe.", since="3.5.0")] = None
    packed: Annotated[bool | None, Attr("driver/@packed", ON_OFF, "Packed instead of split virtqueues.", since="6.3.0")] = None
    page_per_vq: Annotated[bool | None, Attr("driver/@page_per_vq", ON_OFF, "Notify each queue on a page of its own.", since="7.9.0")] = (
        None
    )
