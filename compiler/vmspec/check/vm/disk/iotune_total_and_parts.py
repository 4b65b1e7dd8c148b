"""A total limit beside limits for reads or writes."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4322, "disk-iotune-total-and-parts", phase=Phase.DEFINE)
def iotune_total_and_parts(disk: Disk) -> Iterator[Finding]:
    """
    What: A total limit and one for reads or writes of the same unit are set together.
    Why: QEMU has room for either; libvirt 9.0.0 refuses both at define (virDomainDiskDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); iotune { total-bytes-sec = 10MB/s; read-bytes-sec = 5MB/s } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
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
