"""A serial number that the guest sees cut off."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.disks import bus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4339, "disk-serial-length", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def serial_length(disk: Disk) -> Iterator[Finding]:
    """
    What: The serial number of a virtio disk has more than 20 characters.
    Why: virtio-blk has 20 bytes for it (VIRTIO_BLK_ID_BYTES, Linux include/uapi/linux/virtio_blk.h); QEMU cuts the rest, so two long ones
    may look alike below /dev/disk/by-id.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); serial = "database-primary-volume-0001" }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); serial = "db-primary-0001" }
        }
    """
    if disk.serial and len(disk.serial) > 20 and bus(disk) == "virtio":
        yield Finding(("disk", disk.label, "serial"), f"the guest sees only {disk.serial[:20]!r} of serial number {disk.serial!r}")
