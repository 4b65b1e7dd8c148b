"""The guest's IOMMU."""

from vmspec.model.block import Annotated, Attr
from vmspec.model.devices.device import Device
from vmspec.model.devices.kinds import COUNT, UINT8
from vmspec.model.kind import ON_OFF, SIZE_UNITS, Integer, Measure, OneOf
from vmspec.model.value import Size

SSID_BITS = Integer(0, 20)
GRANULE = Measure(Size, "KiB", 1024, with_unit=True, units=SIZE_UNITS)


class Iommu(Device):
    """The guest's IOMMU."""

    element = "devices/iommu"

    model: Annotated[
        str | None,
        Attr(
            "@model",
            OneOf("intel", "smmuv3", "virtio", "amd", since={"amd": "11.5.0"}),
            "Model: intel, amd (11.5.0) and virtio on q35, the others on ARM.",
            since="2.1.0",
        ),
    ] = None
    intremap: Annotated[
        bool | None, Attr("driver/@intremap", ON_OFF, "Interrupt remapping; needs `features.ioapic = qemu`.", since="3.4.0")
    ] = None
    caching_mode: Annotated[
        bool | None, Attr("driver/@caching_mode", ON_OFF, "Caching mode; needed for VFIO in this guest.", since="3.4.0")
    ] = None
    eim: Annotated[bool | None, Attr("driver/@eim", ON_OFF, "Extended interrupts; needed beyond 255 vCPUs.", since="3.4.0")] = None
    iotlb: Annotated[bool | None, Attr("driver/@iotlb", ON_OFF, "Translation cache in the devices.", since="3.5.0")] = None
    aw_bits: Annotated[int | None, Attr("driver/@aw_bits", UINT8, "Address width in bits: 39 or 48.", since="6.5.0")] = None
    dma_translation: Annotated[bool | None, Attr("driver/@dma_translation", ON_OFF, "Whether DMA is translated, not only interrupts.")] = (
        None
    )
    xtsup: Annotated[bool | None, Attr("driver/@xtsup", ON_OFF, "x2APIC for an amd IOMMU.", since="11.5.0")] = None
    passthrough: Annotated[bool | None, Attr("driver/@passthrough", ON_OFF, "Passthrough of an amd IOMMU.", since="11.5.0")] = None
    pci_bus: Annotated[
        int | None, Attr("driver/@pciBus", COUNT, "Index of the PCI controller that it serves (smmuv3).", since="11.10.0")
    ] = None
    accel: Annotated[
        bool | None, Attr("driver/@accel", ON_OFF, "Whether the host's SMMU translates (smmuv3); needs iommufd.", since="12.7.0")
    ] = None
    ats: Annotated[
        bool | None, Attr("driver/@ats", ON_OFF, "Whether the guest sees Address Translation Services (smmuv3, accel).", since="12.7.0")
    ] = None
    ril: Annotated[bool | None, Attr("driver/@ril", ON_OFF, "Whether the guest may invalidate ranges (smmuv3, accel).", since="12.7.0")] = (
        None
    )
    ssidsize: Annotated[
        int | None, Attr("driver/@ssidsize", SSID_BITS, "Bits of a substream id; above 0 for PASID (smmuv3, accel).", since="12.7.0")
    ] = None
    oas: Annotated[int | None, Attr("driver/@oas", COUNT, "Bits of an output address (smmuv3, accel).", since="12.7.0")] = None
    cmdqv: Annotated[
        bool | None, Attr("driver/@cmdqv", ON_OFF, "Whether the guest has command queues of Tegra241 (smmuv3, accel).", since="12.7.0")
    ] = None
    granule: Annotated[
        Size | None, Attr("driver/granule/@size", GRANULE, "Page size that the guest maps by: 4, 8, 16 or 64 KiB (virtio).", since="12.1.0")
    ] = None
    granule_mode: Annotated[
        str | None, Attr("driver/granule/@mode", OneOf("host"), "Maps by the host's page size (virtio).", since="12.1.0")
    ] = None
