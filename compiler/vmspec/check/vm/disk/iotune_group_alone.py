"""A throttling group without limits."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import limits
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.domain import Domain


@rule(4324, "disk-iotune-group-alone", phase=Phase.DEFINE)
def iotune_group_alone(disk: Disk, vm: Domain) -> Iterator[Finding]:
    """
    What: `iotune.group-name` is set and no limit is.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefDiskBlkdeviotune, src/qemu/qemu_validate.c) unless another disk of
    the group has the limits (virDomainDiskExpandGroupIoTune, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: group_name can be configured only together with
    settings.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); iotune { group-name = "slow" } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); iotune { group-name = "slow"; total-iops-sec = 500 } }
        }
    """
    tune = disk.iotune
    if tune is None or tune.group_name is None or limits(tune):
        return
    if not any(other.iotune is not None and other.iotune.group_name == tune.group_name and limits(other.iotune) for other in vm.disk):
        yield Finding(("disk", disk.label, "iotune", "group-name"), f"throttling group {tune.group_name!r} has no limits")
