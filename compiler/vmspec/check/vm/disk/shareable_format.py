"""A shared image in a format for one writer."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import image_format, target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4318, "disk-shareable-format", phase=Phase.DEFINE)
def shareable_format(disk: Disk) -> Iterator[Finding]:
    """
    What: A shareable, writable disk is not raw.
    Why: Two QEMUs that write one qcow2 image destroy it; libvirt 9.0.0 refuses it at define
    (qemuBlockStorageSourceSupportsConcurrentAccess, src/qemu/qemu_block.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: shared access for disk 'vda' requires use of supported
    storage format.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = file("/srv/a.qcow2", format = qcow2); shareable = true; cache = none }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = file("/srv/a.img", format = raw); shareable = true; cache = none }
        }
    """
    if disk.shareable and not disk.readonly and disk.device != "cdrom":
        kind = image_format(disk)
        if kind not in (None, "raw"):
            yield Finding(
                ("disk", disk.label, "shareable"),
                f"{target(disk)} is {kind}, which only one guest may write",
                help="use a raw image or a block device",
            )
