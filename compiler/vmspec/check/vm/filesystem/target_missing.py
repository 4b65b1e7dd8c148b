"""A file system that the guest cannot name."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.filesystem import Filesystem


@rule(4862, "filesystem-target-missing", phase=Phase.DEFINE)
def target_missing(filesystem: Filesystem) -> Iterator[Finding]:
    """
    What: A file system has no target.
    Why: The target is the tag by which the guest mounts it; libvirt 9.0.0 refuses it at define (virDomainFSDefValidate,
    src/conf/domain_validate.c).
    Example:
        vm a {
          resolve = false
          memory { size = 1GiB; source = memfd; access = shared }
          cpu.count = 1
          features { acpi = true }
          filesystem data { driver = virtiofs; source = mount("/srv/data") }
        }
    Instead:
        vm a {
          resolve = false
          memory { size = 1GiB; source = memfd; access = shared }
          cpu.count = 1
          features { acpi = true }
          filesystem data { driver = virtiofs; source = mount("/srv/data"); target = "data" }
        }
    """
    if not filesystem.target:
        yield Finding(
            ("filesystem", filesystem.label),
            f"file system {filesystem.label} has no target",
            help="set target, the tag that the guest mounts",
        )
