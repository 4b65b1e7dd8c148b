"""An image format that QEMU does not open."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import image_format
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import DirSource, VolumeSource


@rule(4343, "disk-format-unsupported", phase=Phase.DEFINE)
def format_unsupported(disk: Disk) -> Iterator[Finding]:
    """
    What: The format is one that libvirt knows and QEMU does not open as a disk: cow, dir, iso, or fat outside `dir()`.
    Why: libvirt 9.0.0 refuses them at define (qemuDomainValidateStorageSource, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: storage format 'iso' is not directly supported by QEMU,
    use 'raw' instead.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { device = cdrom; bus = sata; source = file("/srv/a.iso", format = iso) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { device = cdrom; bus = sata; source = file("/srv/a.iso", format = raw) }
        }
    """
    kind = image_format(disk)
    here = ("disk", disk.label, "source", "format")
    if kind in ("cow", "dir", "iso"):
        yield Finding(here, f"QEMU does not open format {kind}", instead="raw" if kind == "iso" else None)
    elif kind == "fat" and not isinstance(disk.source, (DirSource, VolumeSource)):
        yield Finding(here, "format = fat is for dir() sources")
    elif isinstance(disk.source, DirSource) and kind not in (None, "fat"):
        yield Finding(here, f"a directory is shown as a FAT disk, not {kind}", instead="fat")
    elif isinstance(disk.source, DirSource) and not disk.readonly and disk.device not in ("cdrom",):
        yield Finding(("disk", disk.label, "source"), "a directory shown as a FAT disk must be read-only", help="set readonly = true")
