"""Cache mode, native AIO, discard and copy on read."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.base.diagnostic import Severity
from vmspec.check.queries.disks import target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4301, "disk-native-io-needs-direct-cache", phase=Phase.DEFINE, needs="io")
def native_io_needs_direct_cache(disk: Disk) -> Iterator[Finding]:
    """
    What: `io = native` goes with `cache = none` or `cache = directsync` only.
    Why: Linux native AIO is asynchronous only on a file opened with O_DIRECT; libvirt 9.0.0 refuses the rest at define
    (qemuValidateDomainDeviceDefDiskFrontend, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: io='native' needs either no disk cache or directsync
    cache mode.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); io = native; cache = writeback } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); io = native; cache = none } }
    """
    if disk.io == "native" and disk.cache not in ("none", "directsync"):
        cache = f"cache = {disk.cache}" if disk.cache else "the default cache mode"
        yield Finding(
            ("disk", disk.label, "io"),
            f"io = native does not work with {cache}",
            labels=((("disk", disk.label, "cache"), "this mode keeps the page cache"),) if disk.cache else (),
            help="set cache = none, or io = threads or io_uring",
        )


@rule(4319, "disk-shareable-cache", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="shareable")
def shareable_cache(disk: Disk) -> Iterator[Finding]:
    """
    What: A shareable disk has a cache mode that keeps data in the host's page cache.
    Why: Another host reads the disk and not this host's memory: what one guest wrote the other sees late or never (docs/formatdomain.rst
    9.0.0, "shareable": caching should be deactivated). libvirt accepts it.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); shareable = true; cache = writeback } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); shareable = true; cache = none } }
    """
    if disk.shareable and not disk.readonly and disk.cache in ("writeback", "writethrough", "unsafe"):
        yield Finding(
            ("disk", disk.label, "cache"),
            f"{target(disk)} is shared, and cache = {disk.cache} keeps its data in the memory of this host",
            labels=((("disk", disk.label, "shareable"), "shared here"),),
            instead="none",
        )


@rule(4326, "disk-detect-zeroes-without-discard", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="detect_zeroes")
def detect_zeroes_without_discard(disk: Disk) -> Iterator[Finding]:
    """
    What: `detect-zeroes = unmap` without `discard = unmap`.
    Why: Without discard the zeroes are found, at a cost, and written as zeroes: `unmap` then acts as `on` (docs/formatdomain.rst 9.0.0,
    "detect_zeroes"; block.c of QEMU 7.2 refuses the pair on its own command line and libvirt turns it into `on`).
    Observed: libvirt 9.0.0, QEMU 7.2: define and start accept it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); detect-zeroes = unmap; discard = ignore } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); detect-zeroes = unmap; discard = unmap } }
    """
    if disk.detect_zeroes == "unmap" and disk.discard != "unmap":
        yield Finding(
            ("disk", disk.label, "detect-zeroes"),
            "detect-zeroes = unmap does nothing more than on, because discards are not passed on",
            help="set discard = unmap",
        )


@rule(4328, "disk-cache-unsafe", phase=Phase.RUNTIME, severity=Severity.WARNING, needs="cache")
def cache_unsafe(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk that outlives its guest has `cache = unsafe`.
    Why: QEMU ignores the guest's flushes: after a crash of the host the file system may be destroyed, not merely old (docs/formatdomain.rst
    9.0.0, "cache"). Right for disks that are thrown away: `transient`, installers, CI.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); cache = unsafe } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); cache = none } }
    """
    if disk.cache == "unsafe" and not disk.transient and not disk.readonly and disk.device in (None, "disk"):
        yield Finding(
            ("disk", disk.label, "cache"),
            f"cache = unsafe ignores the flushes of {target(disk)}",
            help="use cache = none, or transient = true for a disk to throw away",
        )


@rule(4336, "disk-copy-on-read-writable", phase=Phase.DEFINE, needs="copy_on_read")
def copy_on_read_writable(disk: Disk) -> Iterator[Finding]:
    """
    What: `copy-on-read` is set on a read-only disk, a removable drive or a lun.
    Why: Copy-on-read writes what it reads into the overlay; libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefDiskFrontend,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: copy_on_read is not compatible with read-only disk
    'vda'.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = file("/srv/a.qcow2", format = qcow2); readonly = true; copy-on-read = true }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = file("/srv/a.qcow2", format = qcow2); copy-on-read = true } }
    """
    if not disk.copy_on_read:
        return
    if disk.readonly or disk.device in ("cdrom", "floppy", "lun"):
        yield Finding(
            ("disk", disk.label, "copy-on-read"),
            f"copy-on-read needs a writable disk, and {target(disk)} is {'read-only' if disk.readonly else with_article(str(disk.device))}",
        )
