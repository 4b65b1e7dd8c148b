"""A shared disk behind the host's page cache."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.disks import target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4319, "disk-shareable-cache", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def shareable_cache(disk: Disk) -> Iterator[Finding]:
    """
    What: A shareable disk has a cache mode that keeps data in the host's page cache.
    Why: Another host reads the disk and not this host's memory: what one guest wrote the other sees late or never (docs/formatdomain.rst
    9.0.0, "shareable": caching should be deactivated). libvirt accepts it.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); shareable = true; cache = writeback }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); shareable = true; cache = none }
        }
    """
    if disk.shareable and not disk.readonly and disk.cache in ("writeback", "writethrough", "unsafe"):
        yield Finding(
            ("disk", disk.label, "cache"),
            f"{target(disk)} is shared, and cache = {disk.cache} keeps its data in the memory of this host",
            labels=((("disk", disk.label, "shareable"), "shared here"),),
            instead="none",
        )
