"""A target that no guest device is called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmspec.check.queries.disks import target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4307, "disk-target-name", phase=Phase.DEFINE)
def target_name(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk's target does not begin with `vd`, `sd`, `hd`, `xvd` or `ubd` (a floppy's with `fd`), or is not letters after that.
    Why: libvirt derives bus and address from the prefix and refuses others at define (virDomainDiskDefValidate, src/conf/domain_validate.c;
    virDiskNameParse, src/util/virutil.c; libvirt 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Invalid floppy device name: vda.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk data { device = floppy; bus = fdc; target = vda; source = file("/srv/a.img", format = raw) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a") }
        }
    """
    name = target(disk)
    prefixes = "fd" if disk.device == "floppy" else "hd|vd|sd|xvd|ubd" if disk.device in (None, "disk", "lun") else "fd|hd|vd|sd|xvd|ubd"
    if not re.match(rf"(?:{prefixes})[a-z]+", name.removeprefix("ioemu:")):
        yield Finding(
            ("disk", disk.label, "target"),
            f"{name} is no name of a {disk.device or 'disk'} in the guest",
            help=f"call it {'fda' if disk.device == 'floppy' else 'vda, vdb, … (sda, … on bus scsi, sata or usb)'}",
        )
