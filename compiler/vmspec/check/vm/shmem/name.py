"""Shared memory under a name that is a path."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.shmem import Shmem


@rule(4852, "shmem-name", phase=Phase.DEFINE)
def name(shmem: Shmem) -> Iterator[Finding]:
    """
    What: A shared memory device has no name, or one that is `.` or `..`, or has a slash.
    Why: It is a file below /dev/shm, and guests that share it name the same one;
    libvirt 9.0.0 refuses these at define (virDomainShmemDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: shmem name cannot be equal to '..'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          shmem s { name = ".."; size = 4MiB; model = ivshmem-plain }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          shmem s { name = "feed"; size = 4MiB; model = ivshmem-plain }
        }
    """
    if shmem.name is None:
        yield Finding(("shmem", shmem.label), f"shmem {shmem.label} has no name", help=f'write `name = "{shmem.label}"`')
    elif shmem.name in (".", "..") or "/" in shmem.name:
        yield Finding(("shmem", shmem.label, "name"), f"{shmem.name!r} is no name of a file")
