"""A tray on a device without one."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4334, "disk-tray-device", phase=Phase.DEFINE)
def tray_device(disk: Disk) -> Iterator[Finding]:
    """
    What: `tray = open` is set on a disk that is neither a CD-ROM nor a floppy.
    Why: libvirt 9.0.0 refuses it at define (virDomainDiskDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: tray is only valid for cdrom and floppy.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); tray = open }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { device = cdrom; bus = sata; tray = open }
        }
    """
    if disk.tray == "open" and disk.device not in ("cdrom", "floppy"):
        yield Finding(("disk", disk.label, "tray"), f"a {disk.device or 'disk'} has no tray")
