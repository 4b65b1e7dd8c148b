"""A guest that cannot leave its directory."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4922, "virtiofs", phase=Phase.RUNTIME)
def virtiofs(vm: Domain) -> Iterator[Finding]:
    """
    What: `migration.allowed` for a VM with virtiofs.
    Why: libvirt 9.0.0 refuses the migration (qemuMigrationSrcIsAllowed, src/qemu/qemu_migration.c); it came with 10.0.0 and a migratable
    virtiofsd.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          cpu.count = 2
          migration.allowed = true
          memory { size = 1GiB; source = memfd; access = shared }
          filesystem data { driver = virtiofs; source = mount("/srv/data"); target = "data" }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          migration.allowed = true
        }
    """
    if vm.migration is None or not vm.migration.allowed:
        return
    for share in vm.filesystem:
        yield Finding(
            ("filesystem", share.label),
            f"filesystem {share.label} keeps the VM from migrating",
            labels=((("migration", "allowed"), "it shall migrate"),),
        )
