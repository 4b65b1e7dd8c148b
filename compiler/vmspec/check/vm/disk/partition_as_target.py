"""A partition's name as a disk's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmspec.check.queries.disks import target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4306, "disk-partition-as-target", phase=Phase.DEFINE)
def partition_as_target(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk's target has a partition number.
    Why: The target names a whole disk; libvirt 9.0.0 refuses `vda1` at define (qemuValidateDomainDeviceDefDisk, src/qemu/qemu_validate.c;
    virDiskNameParse, src/util/virutil.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: invalid disk target 'vda1', partitions can't appear in
    disk targets.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk data { source = block("/dev/vg0/a"); target = vda1 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a") }
        }
    """
    match = re.fullmatch(r"((?:fd|hd|vd|sd|xvd|ubd)[a-z]+)([0-9]+)", target(disk))
    if match:
        yield Finding(("disk", disk.label, "target"), f"{match[0]} is a partition; a disk's target is {match[1]}", instead=match[1])
