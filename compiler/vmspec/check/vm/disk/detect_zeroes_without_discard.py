"""Zeroes turned into discards that are not passed on."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4326, "disk-detect-zeroes-without-discard", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def detect_zeroes_without_discard(disk: Disk) -> Iterator[Finding]:
    """
    What: `detect-zeroes = unmap` without `discard = unmap`.
    Why: Without discard the zeroes are found, at a cost, and written as zeroes: `unmap` then acts as `on` (docs/formatdomain.rst 9.0.0,
    "detect_zeroes"; block.c of QEMU 7.2 refuses the pair on its own command line and libvirt turns it into `on`).
    Observed: libvirt 9.0.0, QEMU 7.2: define and start accept it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); detect-zeroes = unmap; discard = ignore }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); detect-zeroes = unmap; discard = unmap }
        }
    """
    if disk.detect_zeroes == "unmap" and disk.discard != "unmap":
        yield Finding(
            ("disk", disk.label, "detect-zeroes"),
            "detect-zeroes = unmap does nothing more than on, because discards are not passed on",
            help="set discard = unmap",
        )
