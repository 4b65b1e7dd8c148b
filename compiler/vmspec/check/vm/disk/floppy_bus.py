"""A floppy elsewhere than on the floppy controller, or the reverse."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4331, "disk-floppy-bus", phase=Phase.DEFINE)
def floppy_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: A floppy is not on bus fdc, or a disk that is no floppy is on it.
    Why: libvirt 9.0.0 refuses it at define (virDomainDiskDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Invalid bus type 'fdc' for disk.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk data { bus = fdc; target = hda; source = file("/srv/a.img", format = raw) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk fda { device = floppy; bus = fdc; source = file("/srv/a.img", format = raw) }
        }
    """
    if (disk.device == "floppy") != (bus(disk) == "fdc"):
        yield Finding(("disk", disk.label, "bus"), f"a {disk.device or 'disk'} cannot be on bus {bus(disk)}")
