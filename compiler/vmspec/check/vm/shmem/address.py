"""Shared memory that is not on PCI."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.addresses import misfit
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.shmem import Shmem


@rule(4853, "shmem-address", phase=Phase.START)
def address(shmem: Shmem) -> Iterator[Finding]:
    """
    What: A shared memory device has another address than pci.
    Why: libvirt 9.0.0 accepts it at define and refuses it as the guest starts (qemuBuildShmemCommandLine, src/qemu/qemu_command.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: only 'pci' addresses are supported for the shared memory
    device.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          shmem s { name = "s"; model = ivshmem-plain; size = 4MiB; address = drive(0, 0, 0, 0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          shmem s { name = "s"; model = ivshmem-plain; size = 4MiB; address = pci(0000:00:05.0) }
        }
    """
    if shmem.address is not None and misfit(shmem):
        yield Finding(("shmem", shmem.label, "address"), f"a shared memory device has a pci address, not {shmem.address.tag}")
