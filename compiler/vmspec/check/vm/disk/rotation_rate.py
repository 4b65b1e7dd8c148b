"""A rotation rate where the guest cannot read it."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4335, "disk-rotation-rate", phase=Phase.DEFINE)
def rotation_rate(disk: Disk) -> Iterator[Finding]:
    """
    What: `rotation-rate` is set on a disk that is not on bus scsi, ide or sata, or not a disk.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefDiskFrontend, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: rotation rate is only valid for SCSI/IDE/SATA bus.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); rotation-rate = 1 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = sata; rotation-rate = 1 }
        }
    """
    if not disk.rotation_rate:
        return
    if bus(disk) not in ("scsi", "ide", "sata"):
        yield Finding(("disk", disk.label, "rotation-rate"), f"a disk on bus {bus(disk)} has no rotation rate")
    elif disk.device not in (None, "disk"):
        yield Finding(("disk", disk.label, "rotation-rate"), f"a {disk.device} has no rotation rate")
