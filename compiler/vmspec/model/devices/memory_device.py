"""A memory module of the guest."""

from vmspec.model.block import Annotated, Attr
from vmspec.model.devices.device import Device, Virtio
from vmspec.model.devices.kinds import ABSOLUTE, COUNT, UUID, BareHex
from vmspec.model.kind import CPUS, PRESENCE, SIZE_KIB, YES_NO, OneOf
from vmspec.model.value import CpuSet, Size


class MemoryDevice(Virtio, Device):
    """A memory module of the guest."""

    element = "devices/memory"

    model: Annotated[
        str | None,
        Attr(
            "@model",
            OneOf("dimm", "nvdimm", "virtio-pmem", "virtio-mem", "sgx-epc"),
            "dimm and virtio-mem are RAM, nvdimm and virtio-pmem persistent, sgx-epc enclave memory.",
            since="1.2.14",
        ),
    ] = None
    access: Annotated[str | None, Attr("@access", OneOf("shared", "private"), "Whether others may map the memory.", since="3.2.0")] = None
    discard: Annotated[bool | None, Attr("@discard", YES_NO, "Whether the memory is thrown away when the module goes.", since="4.4.0")] = (
        None
    )
    uuid: Annotated[str | None, Attr("uuid", UUID, "UUID of an nvdimm of a pSeries guest.", since="6.2.0")] = None
    page_size: Annotated[Size | None, Attr("source/pagesize", SIZE_KIB, "Page size on the host.", since="1.2.14")] = None
    nodemask: Annotated[CpuSet | None, Attr("source/nodemask", CPUS, "Nodes of the host that the memory comes from.", since="1.2.14")] = (
        None
    )
    path: Annotated[str | None, Attr("source/path", ABSOLUTE, "File or device behind an nvdimm or virtio-pmem.", since="3.2.0")] = None
    align_size: Annotated[Size | None, Attr("source/alignsize", SIZE_KIB, "Alignment of the mapping.", since="5.0.0")] = None
    pmem: Annotated[bool | None, Attr("source/pmem", PRESENCE, "The file lies on persistent memory.", since="5.0.0")] = None
    dynamic_memslots: Annotated[
        bool | None, Attr("target/@dynamicMemslots", YES_NO, "Whether virtio-mem takes memory slots as it grows.", since="10.1.0")
    ] = None
    size: Annotated[Size | None, Attr("target/size", SIZE_KIB, "Size of the module.", since="1.2.14")] = None
    node: Annotated[int | None, Attr("target/node", COUNT, "Cell of the guest that it belongs to.", since="1.2.14")] = None
    block: Annotated[Size | None, Attr("target/block", SIZE_KIB, "Unit in which virtio-mem grows; a power of two.", since="7.9.0")] = None
    requested: Annotated[
        Size | None,
        Attr("target/requested", SIZE_KIB, "How much of virtio-mem the guest shall have; a multiple of the block.", since="7.9.0"),
    ] = None
    current: Annotated[Size | None, Attr("target/current", SIZE_KIB, "How much it has; running guests only.", since="7.9.0")] = None
    label_size: Annotated[
        Size | None, Attr("target/label/size", SIZE_KIB, "Part of an nvdimm for labels; at least 128KiB.", since="3.2.0")
    ] = None
    readonly: Annotated[bool | None, Attr("target/readonly", PRESENCE, "The guest cannot write to the nvdimm.", since="5.0.0")] = None
    base: Annotated[
        int | None, Attr("target/address/@base", BareHex(0, digits=1), "Guest-physical address where virtio memory begins.", since="9.4.0")
    ] = None
