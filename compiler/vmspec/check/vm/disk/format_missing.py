"""An image file without a format."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import FileSource

_NOT_RAW = (".qcow2", ".qcow", ".vmdk", ".vdi", ".qed", ".vhd", ".vhdx")


@rule(4305, "disk-format-missing", phase=Phase.ACCEPTED)
def format_missing(disk: Disk) -> Iterator[Finding]:
    """
    What: An image file has no `format`.
    Why: libvirt does not look: a disk without a format is raw (virDomainDiskDefDriverSourceParseXML and qemuDomainDeviceDiskDefPostParse,
    libvirt 9.0.0), and a qcow2 image read as raw is overwritten by its guest.
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = file("/srv/a.qcow2"); target = vda; bus = virtio }
        }
    Instead:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = file("/srv/a.qcow2", format = qcow2); target = vda; bus = virtio }
        }
    """
    source = disk.source
    if isinstance(source, FileSource) and source.path and not source.format and source.path.lower().endswith(_NOT_RAW):
        yield Finding(
            ("disk", disk.label, "source"),
            f"{source.path} has no format, so libvirt gives it to the guest as raw",
            help=f'write file("{source.path}", format = {source.path.rpartition(".")[2].lower()})',
        )
