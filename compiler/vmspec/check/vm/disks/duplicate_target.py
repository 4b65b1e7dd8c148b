"""Two disks under one name."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4351, "duplicate-target", phase=Phase.DEFINE)
def duplicate_target(vm: Domain) -> Iterator[Finding]:
    """
    What: Two disks have the same target.
    Why: The target is the disk's identity for libvirt and its tools; libvirt 9.0.0 refuses two at define
    (virDomainDiskDefCheckDuplicateInfo, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: target 'vda' duplicated for disk sources '/dev/vg0/a' and '/dev/vg0/b'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a") }
          disk data { source = block("/dev/vg0/b"); target = vda }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a") }
          disk data { source = block("/dev/vg0/b"); target = vdb }
        }
    """
    if len(vm.disk) < 2:
        return
    seen: dict[str, str] = {}
    for disk in vm.disk:
        name = target(disk)
        if not name:
            continue
        first = seen.setdefault(name, disk.label)
        if first != disk.label:
            yield Finding(
                ("disk", disk.label, "target"),
                f"disks {first} and {disk.label} both have target {name}",
                labels=((("disk", first), "the first"),),
            )
