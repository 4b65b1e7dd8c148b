"""A disk whose flushes are ignored."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.disks import target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4328, "disk-cache-unsafe", phase=Phase.RUNTIME, severity=Severity.WARNING)
def cache_unsafe(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk that outlives its guest has `cache = unsafe`.
    Why: QEMU ignores the guest's flushes: after a crash of the host the file system may be destroyed, not merely old (docs/formatdomain.rst
    9.0.0, "cache"). Right for disks that are thrown away: `transient`, installers, CI.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); cache = unsafe }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); cache = none }
        }
    """
    if disk.cache == "unsafe" and not disk.transient and not disk.readonly and disk.device in (None, "disk"):
        yield Finding(
            ("disk", disk.label, "cache"),
            f"cache = unsafe ignores the flushes of {target(disk)}",
            help="use cache = none, or transient = true for a disk to throw away",
        )
