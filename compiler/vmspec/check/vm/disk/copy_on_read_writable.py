"""Copy-on-read on a disk that is not written."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4336, "disk-copy-on-read-writable", phase=Phase.DEFINE)
def copy_on_read_writable(disk: Disk) -> Iterator[Finding]:
    """
    What: `copy-on-read` is set on a read-only disk, a removable drive or a lun.
    Why: Copy-on-read writes what it reads into the overlay; libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefDiskFrontend,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: copy_on_read is not compatible with read-only disk
    'vda'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = file("/srv/a.qcow2", format = qcow2); readonly = true; copy-on-read = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = file("/srv/a.qcow2", format = qcow2); copy-on-read = true }
        }
    """
    if not disk.copy_on_read:
        return
    if disk.readonly or disk.device in ("cdrom", "floppy", "lun"):
        yield Finding(
            ("disk", disk.label, "copy-on-read"),
            f"copy-on-read needs a writable disk, and {target(disk)} is {'read-only' if disk.readonly else f'a {disk.device}'}",
        )
