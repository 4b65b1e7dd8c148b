"""How a machine may be moved while it runs: libvirt's flags of a migration (include/libvirt/libvirt-domain.h 9.0.0, VIR_MIGRATE_*)."""

from vmspec.model.block import Annotated, Attr, Block
from vmspec.model.kind import YES_NO, Integer
from vmspec.model.units import BYTES_PER_SECOND, MILLISECONDS, SECONDS
from vmspec.model.value import Duration, Rate


class Migration(Block):
    """How the machine may be moved; nothing of it stands in the definition."""

    allowed: Annotated[bool | None, Attr(None, YES_NO, "It may be moved at all; what prevents it is then an error.")] = None
    bandwidth: Annotated[Rate | None, Attr(None, BYTES_PER_SECOND, "Most bytes per second. Has no effect in this version.")] = None
    max_downtime: Annotated[Duration | None, Attr(None, MILLISECONDS, "Longest pause at the end. Has no effect in this version.")] = None
    timeout: Annotated[Duration | None, Attr(None, SECONDS, "Longest time for the whole. Has no effect in this version.")] = None
    parallel: Annotated[int | None, Attr(None, Integer(1, 255), "Connections at once. Has no effect in this version.")] = None
    auto_converge: Annotated[
        bool | None, Attr(None, YES_NO, "Slow down a guest that writes faster than the network copies. Has no effect in this version.")
    ] = None
    postcopy: Annotated[
        bool | None, Attr(None, YES_NO, "Continue on the target before all memory is there. Has no effect in this version.")
    ] = None
    copy_storage: Annotated[bool | None, Attr(None, YES_NO, "Copy the disks too.")] = None
    tls: Annotated[bool | None, Attr(None, YES_NO, "Encrypt the connection. Has no effect in this version.")] = None
    dirty_rate: Annotated[
        Rate | None,
        Attr(None, BYTES_PER_SECOND, "How fast the guest writes to its memory, for the forecast. Has no effect in this version."),
    ] = None
