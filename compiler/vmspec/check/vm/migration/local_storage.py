"""Disks that stay behind."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.storage import FileSource, NvmeSource, VhostUserSource
from vmspec.model.domain import Domain


@rule(4925, "local-storage", phase=Phase.RUNTIME)
def local_storage(vm: Domain) -> Iterator[Finding]:
    """
    What: `migration.allowed` with a disk on local storage and no `migration.copy-storage`.
    Why: libvirt 9.0.0 refuses NVMe and vhost-user disks (qemuMigrationSrcIsAllowed) and warns of files that are not on shared storage
    (qemuMigrationSrcIsSafe, src/qemu/qemu_migration.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          migration.allowed = true
          disk vda { source = nvme(0000:01:00.0, namespace = 1) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          migration { allowed = true; copy-storage = true }
          disk vda { source = file("/srv/a.qcow2", format = qcow2) }
        }
    """
    migration = vm.migration
    if migration is None or not migration.allowed:
        return
    for disk in vm.disk:
        if isinstance(disk.source, (NvmeSource, VhostUserSource)):
            yield Finding(("disk", disk.label, "source"), f"a disk on {disk.source.tag}() cannot migrate")
        elif (
            isinstance(disk.source, FileSource)
            and disk.source.path
            and disk.source.path.startswith("/var/lib/libvirt/images/")
            and not migration.copy_storage
        ):
            yield Finding(
                ("disk", disk.label, "source"), f"{disk.source.path} is on this host only", help="set migration.copy-storage = true"
            )
