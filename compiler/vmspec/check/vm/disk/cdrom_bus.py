"""A CD-ROM on a bus without ejectable media."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4315, "disk-cdrom-bus", phase=Phase.DEFINE)
def cdrom_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: A CD-ROM is on bus virtio or sd.
    Why: virtio-blk has no ejectable media; libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefDiskFrontend,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: disk type of 'vda' does not support ejectable media.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { device = cdrom; bus = virtio; source = file("/srv/a.iso", format = raw) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { device = cdrom; bus = sata; source = file("/srv/a.iso", format = raw) }
        }
    """
    if disk.device == "cdrom" and bus(disk) in ("virtio", "sd"):
        yield Finding(
            ("disk", disk.label, "bus"), f"a CD-ROM cannot be on bus {bus(disk)}", help="use bus = sata (or scsi)", instead="sata"
        )
