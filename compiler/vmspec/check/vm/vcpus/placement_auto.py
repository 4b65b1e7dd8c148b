"""Placement by numad."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4173, "placement-auto", phase=Phase.START, severity=Severity.WARNING)
def placement_auto(vm: Domain) -> Iterator[Finding]:
    """
    What: `placement = auto` for vCPUs or memory.
    Why: libvirt asks numad at each start; without it the start fails, with it the guest lies elsewhere each time (docs/formatdomain.rst
    9.0.0, "placement").
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: operation failed: Failed to query numad for the advisory
    nodeset.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { placement = auto }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { cpuset = 0-3 }
        }
    """
    if vm.cpu is not None and vm.cpu.placement == "auto":
        yield Finding(("cpu", "placement"), "placement = auto needs numad and is another at each start", help="say cpu.cpuset or pins")
    elif vm.numa is not None and vm.numa.placement == "auto":
        yield Finding(("numa", "placement"), "placement = auto needs numad and is another at each start", help="say numa.nodeset")
