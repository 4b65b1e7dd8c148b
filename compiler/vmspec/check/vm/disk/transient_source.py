"""A transient disk that is not an image file."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import FileSource, VolumeSource


@rule(4329, "disk-transient-source", phase=Phase.DEFINE)
def transient_source(disk: Disk) -> Iterator[Finding]:
    """
    What: A transient disk is not a writable image file with `device = disk`.
    Why: libvirt lays an overlay file over the image and removes it at the end; libvirt 9.0.0 refuses others at define
    (qemuValidateDomainDeviceDefDiskTransient, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: transient disk supported only with 'file' type (vda).
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); transient = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = file("/srv/a.qcow2", format = qcow2); transient = true }
        }
    """
    if not disk.transient:
        return
    here = ("disk", disk.label, "transient")
    if disk.source is not None and not isinstance(disk.source, (FileSource, VolumeSource)):
        yield Finding(here, f"a transient disk needs an image file, not {disk.source.tag}()")
    elif disk.device not in (None, "disk"):
        yield Finding(here, f"a {disk.device} cannot be transient")
    elif disk.readonly:
        yield Finding(here, "a read-only disk cannot be transient")
