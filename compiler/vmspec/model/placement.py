"""Where a placement has put a VM: host, nodes and CPUs, as the lock keeps them and evaluation reads them."""

from __future__ import annotations

from vmspec.base.provenance import Path
from vmspec.base.record import record
from vmspec.model.value import CpuSet


@record(frozen=True, slots=True)
class HostPlacement:
    """One VM on its host. What is empty was not chosen: the VM floats there, or has said it itself."""

    host: str
    nodes: tuple[int, ...] = ()
    """Of each of its cells, or of the whole VM."""
    pins: tuple[CpuSet, ...] = ()
    """CPUs by vCPU."""
    cpuset: CpuSet | None = None
    """The CPUs that it floats on, where it is bound to nodes."""
    emulator: CpuSet | None = None
    """The CPUs of QEMU's own threads and of I/O threads."""


READ: tuple[Path, ...] = (
    ("cpu", "count"), ("cpu", "max"), ("cpu", "isolate"), ("cpu", "thread-policy"), ("memory",), ("hostdev",), ("interface",), ("disk",),
    ("numa", "local"), ("numa", "cell"),
)  # fmt: skip
"""What a placement reads of a VM."""
NOT_READ = (("memory", "balloon"), ("memory", "nosharepages"))


def is_read(path: Path) -> bool:
    """Whether a placement depends on the value at a path: what a host's facts guard must not change it."""
    read = any(path[: len(each)] == each for each in READ) and not any(path[: len(each)] == each for each in NOT_READ)
    return read and path[-1] not in ("nodeset", "mode")
