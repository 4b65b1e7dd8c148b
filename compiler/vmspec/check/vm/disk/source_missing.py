"""A disk without a medium."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import is_empty, target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4316, "disk-source-missing", phase=Phase.DEFINE)
def source_missing(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk has no source; only CD-ROM and floppy drives (and luns) may be empty.
    Why: libvirt 9.0.0 refuses it at define (virDomainDiskDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: missing source information for device vda.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { bus = virtio }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { bus = virtio; source = block("/dev/vg0/a") }
        }
    """
    unread = [part for part in disk.raw.values() if part.strip() != "<source/>"]
    if disk.device in (None, "disk") and is_empty(disk.source) and not unread:
        yield Finding(
            ("disk", disk.label),
            f"disk {target(disk)} has no source",
            help='write source = block("/dev/…"), file("/….qcow2", format = qcow2) or volume("pool", "name")',
        )
