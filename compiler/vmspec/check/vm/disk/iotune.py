"""I/O limits and block sizes."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import limits
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.domain import Domain


@rule(4322, "disk-iotune-total-and-parts", phase=Phase.DEFINE, needs="iotune")
def iotune_total_and_parts(disk: Disk) -> Iterator[Finding]:
    """
    What: A total limit and one for reads or writes of the same unit are set together.
    Why: QEMU has room for either; libvirt 9.0.0 refuses both at define (virDomainDiskDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); iotune { total-bytes-sec = 10MB/s; read-bytes-sec = 5MB/s } }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); iotune { read-bytes-sec = 5MB/s; write-bytes-sec = 5MB/s } }
        }
    """
    tune = disk.iotune
    if tune is None:
        return
    for unit in ("bytes_sec", "iops_sec", "bytes_sec_max", "iops_sec_max"):
        parts = [f"{side}-{unit.replace('_', '-')}" for side in ("read", "write") if getattr(tune, f"{side}_{unit}")]
        if getattr(tune, f"total_{unit}") and parts:
            total = f"total-{unit.replace('_', '-')}"
            yield Finding(
                ("disk", disk.label, "iotune", total),
                f"{total} cannot stand together with {' and '.join(parts)}",
                labels=tuple((("disk", disk.label, "iotune", part), "set here") for part in parts),
            )


@rule(4323, "disk-iotune-burst", phase=Phase.START, needs="iotune")
def iotune_burst(disk: Disk) -> Iterator[Finding]:
    """
    What: A burst limit (`…-max`) stands without its base limit or below it, its length without a burst, or `size-iops-sec` without any
    limit on operations.
    Why: QEMU refuses them at start (throttle_is_valid, util/throttle.c of QEMU 7.2: "bps_max/iops_max require corresponding bps/iops
    values", "bps/iops/max total values and read/write values cannot be used at the same time"); libvirt 9.0.0 accepts them at define.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: bps_max/iops_max require corresponding bps/iops values.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); iotune { total-iops-sec-max = 2000 } } }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); iotune { total-iops-sec = 1000; total-iops-sec-max = 2000 } }
        }
    """
    tune = disk.iotune
    if tune is None:
        return
    here = ("disk", disk.label, "iotune")
    for side in ("total", "read", "write"):
        for unit in ("bytes-sec", "iops-sec"):
            field = f"{side}_{unit}".replace("-", "_")
            base, most = getattr(tune, field), getattr(tune, f"{field}_max")
            if most and not base:
                yield Finding((*here, f"{side}-{unit}-max"), f"{side}-{unit}-max needs {side}-{unit}")
            elif most and most < base:
                yield Finding(
                    (*here, f"{side}-{unit}-max"),
                    f"{side}-{unit}-max is below {side}-{unit}",
                    labels=(((*here, f"{side}-{unit}"), "the base"),),
                )
            if getattr(tune, f"{field}_max_length") and not most:
                yield Finding((*here, f"{side}-{unit}-max-length"), f"{side}-{unit}-max-length needs {side}-{unit}-max")
    if tune.size_iops_sec and not (tune.total_iops_sec or tune.read_iops_sec or tune.write_iops_sec):
        yield Finding((*here, "size-iops-sec"), "size-iops-sec needs a limit on operations")


@rule(4324, "disk-iotune-group-alone", phase=Phase.DEFINE, needs="iotune")
def iotune_group_alone(disk: Disk, vm: Domain) -> Iterator[Finding]:
    """
    What: `iotune.group-name` is set and no limit is.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefDiskBlkdeviotune, src/qemu/qemu_validate.c) unless another disk of
    the group has the limits (virDomainDiskExpandGroupIoTune, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: group_name can be configured only together with
    settings.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); iotune { group-name = "slow" } } }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); iotune { group-name = "slow"; total-iops-sec = 500 } }
        }
    """
    tune = disk.iotune
    if tune is None or tune.group_name is None or limits(tune):
        return
    if not any(other.iotune is not None and other.iotune.group_name == tune.group_name and limits(other.iotune) for other in vm.disk):
        yield Finding(("disk", disk.label, "iotune", "group-name"), f"throttling group {tune.group_name!r} has no limits")


@rule(4325, "disk-block-size", phase=Phase.START, needs="blockio")
def block_size(disk: Disk) -> Iterator[Finding]:
    """
    What: A logical or physical block size is not a power of two from 512 bytes to 2 MiB, or the logical one is the larger.
    Why: QEMU refuses them at start (hw/core/qdev-properties-system.c and hw/block/block.c of QEMU 7.2); libvirt 9.0.0 accepts them.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: logical_block_size > physical_block_size not supported.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); blockio { logical = 4KiB; physical = 512B } }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); blockio { logical = 512B; physical = 4KiB } }
        }
    """
    sizes = disk.blockio
    if sizes is None:
        return
    here = ("disk", disk.label, "blockio")
    for name, size in (("logical", sizes.logical), ("physical", sizes.physical)):
        if size and (size & (size - 1) or not 512 <= size <= 2 << 20):
            yield Finding((*here, name), f"{name} block size {int(size)} is not a power of two from 512B to 2MiB")
    if sizes.logical and sizes.logical > (sizes.physical or 512):
        yield Finding(
            (*here, "logical"), f"the logical block size {int(sizes.logical)} is above the physical one, {int(sizes.physical or 512)}"
        )
