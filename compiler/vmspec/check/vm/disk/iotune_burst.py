"""A burst that has no limit below it."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4323, "disk-iotune-burst", phase=Phase.START)
def iotune_burst(disk: Disk) -> Iterator[Finding]:
    """
    What: A burst limit (`…-max`) stands without its base limit or below it, its length without a burst, or `size-iops-sec` without any
    limit on operations.
    Why: QEMU refuses them at start (throttle_is_valid, util/throttle.c of QEMU 7.2: "bps_max/iops_max require corresponding bps/iops
    values", "bps/iops/max total values and read/write values cannot be used at the same time"); libvirt 9.0.0 accepts them at define.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: bps_max/iops_max require corresponding bps/iops values.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); iotune { total-iops-sec-max = 2000 } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
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
