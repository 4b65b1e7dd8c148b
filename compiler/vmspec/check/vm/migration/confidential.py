"""Encrypted memory that cannot be copied."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4927, "confidential", phase=Phase.RUNTIME)
def confidential(vm: Domain) -> Iterator[Finding]:
    """
    What: `migration.allowed` with launch security, a transient disk or shared memory of role peer.
    Why: libvirt 9.0.0 refuses the migration (qemuMigrationSrcIsAllowed, src/qemu/qemu_migration.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          migration.allowed = true
          disk vda { source = file("/srv/a.qcow2", format = qcow2); transient = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          migration.allowed = true
          disk vda { source = file("/srv/a.qcow2", format = qcow2) }
        }
    """
    if vm.migration is None or not vm.migration.allowed:
        return
    if vm.launch_security is not None:
        yield Finding(("launch-security",), "encrypted memory keeps the VM from migrating")
    for disk in vm.disk:
        if disk.transient:
            yield Finding(("disk", disk.label, "transient"), f"transient disk {disk.label} keeps the VM from migrating")
    for shmem in vm.shmem:
        if shmem.role != "master":
            yield Finding(
                ("shmem", shmem.label), f"shared memory {shmem.label} keeps the VM from migrating", help="set role = master in one guest"
            )
