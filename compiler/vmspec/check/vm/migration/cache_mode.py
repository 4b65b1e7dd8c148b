"""A cache that the next host does not see."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.storage import BlockSource, FileSource
from vmspec.model.domain import Domain


@rule(4926, "cache-mode", phase=Phase.RUNTIME)
def cache_mode(vm: Domain) -> Iterator[Finding]:
    """
    What: `migration.allowed` with a disk whose cache mode is not none or directsync.
    Why: libvirt 9.0.0 calls it unsafe and refuses without --unsafe: the target may read the image before the source's cache is written
    (qemuMigrationSrcIsSafe, src/qemu/qemu_migration.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          migration.allowed = true
          disk vda { source = block("/dev/vg0/a"); cache = writeback }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          migration.allowed = true
          disk vda { source = block("/dev/vg0/a"); cache = none }
        }
    """
    migration = vm.migration
    if migration is None or not migration.allowed or migration.copy_storage:
        return
    for disk in vm.disk:
        if (
            disk.cache in ("writeback", "writethrough", "unsafe")
            and not disk.readonly
            and not disk.shareable
            and isinstance(disk.source, (FileSource, BlockSource))
        ):
            yield Finding(("disk", disk.label, "cache"), f"cache = {disk.cache} makes the migration of {disk.label} unsafe", instead="none")
