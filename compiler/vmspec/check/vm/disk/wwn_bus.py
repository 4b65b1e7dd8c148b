"""A world wide name where the guest's controller has none."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4309, "disk-wwn-bus", phase=Phase.DEFINE)
def wwn_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: `wwn` is set on a disk that is not on bus ide or scsi.
    Why: Only ide and scsi disks report one; libvirt 9.0.0 refuses it elsewhere at define (qemuValidateDomainDeviceDefDiskFrontend,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Only ide and scsi disk support wwn.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); wwn = "5000c50015ea71ac" }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); serial = "A-1" }
        }
    """
    if disk.wwn and bus(disk) not in ("ide", "scsi"):
        yield Finding(("disk", disk.label, "wwn"), f"a disk on bus {bus(disk)} has no world wide name", help="use bus = scsi, or serial")
    elif disk.wwn and disk.device == "lun":
        yield Finding(("disk", disk.label, "wwn"), "a lun shows the world wide name of the device itself", help="remove wwn")
