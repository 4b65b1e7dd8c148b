"""Shared memory of a model that QEMU has no more."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.shmem import Shmem


@rule(4363, "shmem-legacy-model", phase=Phase.DEFINE)
def legacy_model(shmem: Shmem) -> Iterator[Finding]:
    """
    What: A shared memory device of the model ivshmem, or of none, which means ivshmem.
    Why: QEMU has split the device into ivshmem-plain and ivshmem-doorbell and has the old one no more; libvirt asks QEMU for it at define
    (qemuValidateDomainDeviceDefShmem, src/qemu/qemu_validate.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: ivshmem device is not supported with this QEMU binary.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          shmem s { name = "s"; size = 4MiB }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          shmem s { name = "s"; size = 4MiB; model = ivshmem-plain }
        }
    """
    if shmem.model in (None, "ivshmem"):
        now = "ivshmem-doorbell" if shmem.server or shmem.default_server else "ivshmem-plain"
        at = ("shmem", shmem.label, *(("model",) if shmem.model else ()))
        yield Finding(at, f"QEMU has no ivshmem, libvirt's default model, any more: it is {now} now", instead=now if shmem.model else None)
