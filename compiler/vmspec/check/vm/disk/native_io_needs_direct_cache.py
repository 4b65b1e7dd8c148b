"""Native AIO over the host's page cache."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4301, "disk-native-io-needs-direct-cache", phase=Phase.DEFINE)
def native_io_needs_direct_cache(disk: Disk) -> Iterator[Finding]:
    """
    What: `io = native` goes with `cache = none` or `cache = directsync` only.
    Why: Linux native AIO is asynchronous only on a file opened with O_DIRECT; libvirt 9.0.0 refuses the rest at define
    (qemuValidateDomainDeviceDefDiskFrontend, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: io='native' needs either no disk cache or directsync
    cache mode.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); io = native; cache = writeback }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); io = native; cache = none }
        }
    """
    if disk.io == "native" and disk.cache not in ("none", "directsync"):
        cache = f"cache = {disk.cache}" if disk.cache else "the default cache mode"
        yield Finding(
            ("disk", disk.label, "io"),
            f"io = native does not work with {cache}",
            labels=((("disk", disk.label, "cache"), "this mode keeps the page cache"),) if disk.cache else (),
            help="set cache = none, or io = threads or io_uring",
        )
