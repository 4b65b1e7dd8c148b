"""Shared memory of an odd size."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.shmem import Shmem
from vmspec.model.value import show_quantity


@rule(4850, "shmem-size", phase=Phase.START)
def size(shmem: Shmem) -> Iterator[Finding]:
    """
    What: The size of a shared memory device is not a power of two, or below 1 MiB.
    Why: libvirt 9.0.0 accepts it at define and refuses it as the guest starts ("shmem size must be a power of two", qemuBuildShmemDevProps
    and qemuValidateShmem, src/qemu/qemu_command.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: shmem size must be a power of two.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          shmem s { name = "s"; size = 3MiB; model = ivshmem-plain }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          shmem s { name = "s"; size = 4MiB; model = ivshmem-plain }
        }
    """
    size = shmem.size
    if size and (size & (size - 1) or size < 1 << 20):
        yield Finding(("shmem", shmem.label, "size"), f"size {show_quantity(size)} is not a power of two from 1MiB", instead="4MiB")
