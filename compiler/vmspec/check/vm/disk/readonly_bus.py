"""A read-only disk on IDE or SATA."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4317, "disk-readonly-bus", phase=Phase.DEFINE)
def readonly_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk (not a CD-ROM) on bus ide or sata is read-only.
    Why: ATA disks have no write protection that QEMU could show; libvirt 9.0.0 refuses it at define
    (qemuValidateDomainDeviceDefDiskFrontend, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: readonly sata disks are not supported.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = sata; readonly = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); bus = virtio; readonly = true }
        }
    """
    if disk.readonly and disk.device in (None, "disk") and bus(disk) in ("ide", "sata"):
        yield Finding(
            ("disk", disk.label, "readonly"), f"a {bus(disk)} disk cannot be read-only", help="use bus = virtio or scsi, or device = cdrom"
        )
