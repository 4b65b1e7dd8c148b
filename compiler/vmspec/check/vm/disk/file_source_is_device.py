"""A device node given as a file."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import FileSource


@rule(4302, "disk-file-source-is-device", phase=Phase.START)
def file_source_is_device(disk: Disk) -> Iterator[Finding]:
    """
    What: `file()` names something below /dev.
    Why: libvirt passes a `type='file'` disk to QEMU's file driver, which refuses block devices at start: "requires 'host_device'" (observed
    with libvirt 9.0.0 and QEMU 7.2; define accepts it).
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = file("/dev/vg0/a", format = raw) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a") }
        }
    """
    source = disk.source
    if isinstance(source, FileSource) and source.path and source.path.startswith("/dev/") and not source.path.startswith("/dev/shm/"):
        yield Finding(
            ("disk", disk.label, "source"),
            f"file({source.path!r}) names a device, which QEMU does not open as a file",
            help=f'write block("{source.path}")',
        )
