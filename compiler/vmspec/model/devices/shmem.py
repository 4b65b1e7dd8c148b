"""Memory shared with other guests or with the host."""

from vmspec.model.block import Annotated, Attr
from vmspec.model.devices.device import Device
from vmspec.model.devices.kinds import ABSOLUTE, COUNT
from vmspec.model.kind import ON_OFF, PRESENCE, SIZE_BYTES, OneOf, Words
from vmspec.model.value import Size


class Shmem(Device):
    """Memory shared with other guests or with the host."""

    element = "devices/shmem"

    name: Annotated[str | None, Attr("@name", Words(r"[^/]*", "a name without /"), "Name of the shared memory.", since="1.2.10")] = None
    role: Annotated[str | None, Attr("@role", OneOf("master", "peer"), "Whether the memory goes along at a migration.", since="6.6.0")] = (
        None
    )
    model: Annotated[
        str | None,
        Attr("model/@type", OneOf("ivshmem", "ivshmem-plain", "ivshmem-doorbell"), "Model; a doorbell needs a server.", since="1.2.10"),
    ] = None
    size: Annotated[Size | None, Attr("size", SIZE_BYTES, "Size; a power of two.", since="1.2.10")] = None
    server: Annotated[str | None, Attr("server/@path", ABSOLUTE, "Socket of the ivshmem server.", since="1.2.10")] = None
    default_server: Annotated[bool | None, Attr("server", PRESENCE, "A server at libvirt's own path.", since="1.2.10", policy="empty")] = (
        None
    )
    msi: Annotated[bool | None, Attr("msi", PRESENCE, "Interrupts with their defaults.", since="1.2.10", policy="empty")] = None
    msi_vectors: Annotated[int | None, Attr("msi/@vectors", COUNT, "Number of interrupts.", since="1.2.10")] = None
    msi_ioeventfd: Annotated[bool | None, Attr("msi/@ioeventfd", ON_OFF, "Whether they go past QEMU's main loop.", since="1.2.10")] = None
