"""An image file given as a block device."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import BlockSource

_SUFFIXES = (".img", ".qcow2", ".qcow", ".raw", ".vmdk", ".vdi", ".vhd", ".vhdx", ".iso", ".qed")


@rule(4303, "disk-block-source-is-image", phase=Phase.START)
def block_source_is_image(disk: Disk) -> Iterator[Finding]:
    """
    What: `block()` names an image file.
    Why: libvirt passes a `type='block'` disk to QEMU's host_device driver, which refuses regular files at start (docs/formatdomain.rst
    9.0.0, "Hard drives, floppy disks, CDROMs"); define accepts it.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: 'host_device' driver requires … to be either a character or
    block device.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/var/lib/libvirt/images/a.img") }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = file("/var/lib/libvirt/images/a.img", format = raw) }
        }
    """
    source = disk.source
    if isinstance(source, BlockSource) and source.path and source.path.lower().endswith(_SUFFIXES) and not source.path.startswith("/dev/"):
        yield Finding(
            ("disk", disk.label, "source"),
            f"block({source.path!r}) names an image file, which QEMU does not open as a device",
            help=f'write file("{source.path}")',
        )
