"""A disk that the guest cannot name."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4349, "disk-target-missing", phase=Phase.DEFINE)
def target_missing(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk has no target.
    Why: libvirt 9.0.0 refuses it at define ("missing target information", virDomainDiskDefValidate, src/conf/domain_validate.c). Without
    `resolve = false` the label is the target.
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 1
          features { acpi = true }
          disk data { source = block("/dev/vg0/a") }
        }
    Instead:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 1
          features { acpi = true }
          disk data { source = block("/dev/vg0/a"); target = vda; bus = virtio }
        }
    """
    if disk.target is None and not disk.raw:
        yield Finding(("disk", disk.label), f"disk {disk.label} has no target", help="set target = vda")
