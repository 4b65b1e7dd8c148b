"""A bus controller of the guest."""

from vmspec.model.block import Annotated, Attr, Block, Many, Sub
from vmspec.model.devices.device import Device, Virtio
from vmspec.model.devices.disk import IothreadMap
from vmspec.model.devices.kinds import COUNT, KIB, UINT8
from vmspec.model.kind import ON_OFF, SIZE_KIB, Integer, OneOf, Words
from vmspec.model.value import Size

TYPES = OneOf("pci", "scsi", "usb", "sata", "ide", "fdc", "isa", "ccid", "virtio-serial", "xenbus", "nvme", since={"nvme": "11.5.0"})
SCSI = (
    "auto", "buslogic", "lsilogic", "lsisas1068", "vmpvscsi", "ibmvscsi", "virtio-scsi", "lsisas1078",
    "virtio-transitional", "virtio-non-transitional", "ncr53c90", "dc390", "am53c974",
)  # fmt: skip
USB = (
    "piix3-uhci", "piix4-uhci", "ehci", "ich9-ehci1", "ich9-uhci1", "ich9-uhci2", "ich9-uhci3", "vt82c686b-uhci",
    "pci-ohci", "nec-xhci", "none", "qusb1", "qusb2", "qemu-xhci",
)  # fmt: skip
PCI = (
    "pci-root", "pcie-root", "pci-bridge", "dmi-to-pci-bridge", "pcie-to-pci-bridge", "pcie-root-port",
    "pcie-switch-upstream-port", "pcie-switch-downstream-port", "pci-expander-bus", "pcie-expander-bus",
)  # fmt: skip
PCI_NAMES = OneOf(
    "spapr-pci-host-bridge", "pci-bridge", "i82801b11-bridge", "pcie-pci-bridge", "ioh3420", "pcie-root-port",
    "x3130-upstream", "xio3130-downstream", "pxb", "pxb-pcie",
)  # fmt: skip
MODELS = OneOf(*PCI, *SCSI, *USB, "piix3", "piix4", "ich6", "virtio")
"""Models of pci, scsi, usb, ide and virtio-serial controllers, in that order (controller, domaincommon.rng)."""


class PciTarget(Block):
    """What identifies a PCI controller to the guest."""

    element = "target"

    chassis_nr: Annotated[int | None, Attr("@chassisNr", UINT8, "Chassis of a pci-bridge.", since="1.2.19")] = None
    chassis: Annotated[int | None, Attr("@chassis", UINT8, "Chassis of a PCIe port.", since="1.2.19")] = None
    port: Annotated[int | None, Attr("@port", Integer(0, 0xFF, radix=16, digits=1), "Number of a PCIe port.", since="1.2.19")] = None
    bus_nr: Annotated[int | None, Attr("@busNr", UINT8, "Bus number of an expander.", since="1.3.4")] = None
    index: Annotated[int | None, Attr("@index", UINT8, "Index of a pSeries host bridge.", since="3.6.0")] = None
    hotplug: Annotated[bool | None, Attr("@hotplug", ON_OFF, "Whether devices may be plugged while the guest runs.", since="6.3.0")] = None
    mem_reserve: Annotated[Size | None, Attr("@memReserve", KIB, "Memory window that the firmware keeps for the bus.", since="10.3.0")] = (
        None
    )
    node: Annotated[int | None, Attr("node", COUNT, "Cell of the guest that an expander belongs to.", since="1.3.4")] = None


class Controller(Virtio, Device):
    """A bus controller of the guest."""

    element = "devices/controller"

    type: Annotated[str | None, Attr("@type", TYPES, "Kind of the bus.")] = None
    index: Annotated[int | None, Attr("@index", COUNT, "Number by which addresses name it.")] = None
    model: Annotated[str | None, Attr("@model", MODELS, "Model of the controller.")] = None
    ports: Annotated[int | None, Attr("@ports", COUNT, "Number of ports (usb, virtio-serial).")] = None
    vectors: Annotated[int | None, Attr("@vectors", COUNT, "Number of interrupts (virtio-serial).")] = None
    max_grant_frames: Annotated[int | None, Attr("@maxGrantFrames", COUNT, "Grant frames for its devices (xenbus).", since="5.2.0")] = None
    max_event_channels: Annotated[int | None, Attr("@maxEventChannels", COUNT, "Event channels of the guest (xenbus).", since="6.3.0")] = (
        None
    )
    model_name: Annotated[str | None, Attr("model/@name", PCI_NAMES, "The very device behind a PCI controller.", since="1.2.19")] = None
    target: Annotated[PciTarget | None, Sub("What identifies a PCI controller.", since="1.2.19")] = None
    pcihole64: Annotated[
        Size | None, Attr("pcihole64", SIZE_KIB, "Size of the 64-bit PCI window (pci-root, pcie-root).", since="1.1.2")
    ] = None
    master: Annotated[
        str | None,
        Attr(
            "master/@startport",
            Words(r"[0-9a-fA-Fx.]+", "a USB port", symbol=True),
            "First port of this companion on its usb master.",
            since="0.9.5",
        ),
    ] = None
    serial: Annotated[
        str | None, Attr("serial", Words(r"[A-Za-z0-9_.+\- ]+", "a serial number"), "Serial number (nvme).", since="11.5.0")
    ] = None
    queues: Annotated[
        int | None, Attr("driver/@queues", COUNT, "Number of queues of virtio-scsi; at most one for each vCPU is useful.", since="1.0.5")
    ] = None
    cmd_per_lun: Annotated[
        int | None, Attr("driver/@cmd_per_lun", COUNT, "Most commands in flight on a disk (virtio-scsi).", since="1.2.7")
    ] = None
    max_sectors: Annotated[
        int | None, Attr("driver/@max_sectors", COUNT, "Most sectors of 512 bytes in a request (virtio-scsi).", since="1.2.7")
    ] = None
    ioeventfd: Annotated[
        bool | None, Attr("driver/@ioeventfd", ON_OFF, "Whether requests leave the vCPU's thread at once (virtio-scsi).", since="1.2.18")
    ] = None
    iothread: Annotated[int | None, Attr("driver/@iothread", COUNT, "The I/O thread that serves it (virtio-scsi).", since="1.3.5")] = None
    iothread_map: Annotated[
        tuple[IothreadMap, ...], Many("Several I/O threads for its queues (virtio-scsi).", numbered=True, since="11.2.0")
    ] = ()
