"""One throttling group with several limits."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import limits
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.domain import Domain


@rule(4358, "iotune-group-differs", phase=Phase.DEFINE)
def iotune_group_differs(vm: Domain) -> Iterator[Finding]:
    """
    What: Two disks of one throttling group have different limits.
    Why: A group has one set of limits for all its disks; libvirt 9.0.0 refuses different ones at define
    (qemuValidateDomainDeviceDefDiskBlkdeviotune, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: different iotunes for disks vda and vdb.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); iotune { group-name = "slow"; total-iops-sec = 500 } }
          disk vdb { source = block("/dev/vg0/b"); iotune { group-name = "slow"; total-iops-sec = 600 } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); iotune { group-name = "slow"; total-iops-sec = 500 } }
          disk vdb { source = block("/dev/vg0/b"); iotune { group-name = "slow"; total-iops-sec = 500 } }
        }
    """
    groups: dict[str, Disk] = {}
    for disk in vm.disk:
        tune = disk.iotune
        if tune is None or not tune.group_name or not limits(tune):
            continue
        first = groups.setdefault(tune.group_name, disk)
        if first.iotune is not None and limits(first.iotune) != limits(tune):
            yield Finding(
                ("disk", disk.label, "iotune"),
                f"disks {first.label} and {disk.label} share throttling group {tune.group_name!r} and differ in their limits",
                labels=((("disk", first.label, "iotune"), "the other limits"),),
            )
