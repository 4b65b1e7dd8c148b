"""A qcow2 cache on another format."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import image_format, target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4327, "disk-metadata-cache-format", phase=Phase.DEFINE)
def metadata_cache_format(disk: Disk) -> Iterator[Finding]:
    """
    What: `metadata-cache` is set on an image that is not qcow2.
    Why: Only qcow2 has such tables; libvirt 9.0.0 refuses it at define (qemuDomainValidateStorageSource, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: metadata cache max size control is supported only with
    qcow2 images.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = file("/srv/a.img", format = raw); metadata-cache = 4MiB }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = file("/srv/a.qcow2", format = qcow2); metadata-cache = 4MiB }
        }
    """
    if disk.metadata_cache and image_format(disk) != "qcow2":
        yield Finding(
            ("disk", disk.label, "metadata-cache"),
            f"metadata-cache is for qcow2 images, and {target(disk)} is {image_format(disk) or 'raw'}",
        )
