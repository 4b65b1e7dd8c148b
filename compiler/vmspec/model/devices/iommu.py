"""The guest's IOMMU."""

from vmspec.model.block import Annotated, Attr
from vmspec.model.devices.device import Device
from vmspec.model.devices.kinds import COUNT, UINT8
from vmspec.model.kind import NAME, ON_OFF, OneOf


class Iommu(Device):
    """The guest's IOMMU."""

    element = "devices/iommu"

    model: Annotated[
        str | None,
        Attr(
            "@model",
            OneOf("intel", "smmuv3", "virtio", "amd", "smmuv3Dev"),
            "Model: intel, amd (11.5.0) and virtio on q35, the others on ARM.",
            since="2.1.0",
        ),
    ] = None
    parent_index: Annotated[int | None, Attr("@parentIdx", COUNT, "PCI controller that it serves (smmuv3Dev).")] = None
    accel: Annotated[bool | None, Attr("@accel", ON_OFF, "Whether the host's SMMU translates (smmuv3Dev).")] = None
    intremap: Annotated[
        bool | None, Attr("driver/@intremap", ON_OFF, "Interrupt remapping; needs `features.ioapic = qemu`.", since="3.4.0")
    ] = None
    caching_mode: Annotated[
        bool | None, Attr("driver/@caching_mode", ON_OFF, "Caching mode; needed for VFIO in this guest.", since="3.4.0")
    ] = None
    eim: Annotated[bool | None, Attr("driver/@eim", ON_OFF, "Extended interrupts; needed beyond 255 vCPUs.", since="3.4.0")] = None
    iotlb: Annotated[bool | None, Attr("driver/@iotlb", ON_OFF, "Translation cache in the devices.", since="3.5.0")] = None
    aw_bits: Annotated[int | None, Attr("driver/@aw_bits", UINT8, "Address width in bits: 39 or 48.", since="6.5.0")] = None
    granule: Annotated[str | None, Attr("driver/@granule", NAME, "Page size of the guest (virtio).", since="12.1.0")] = None
    dma_translation: Annotated[bool | None, Attr("driver/@dma_translation", ON_OFF, "Whether DMA is translated, not only interrupts.")] = (
        None
    )
    xtsup: Annotated[bool | None, Attr("driver/@xtsup", ON_OFF, "x2APIC for an amd IOMMU.", since="11.5.0")] = None
    passthrough: Annotated[bool | None, Attr("driver/@passthrough", ON_OFF, "Passthrough of an amd IOMMU.", since="11.5.0")] = None
