"""Whatever enlightenments the host has."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.hyperv import HyperV


@rule(4714, "hyperv-passthrough-migration", phase=Phase.RUNTIME, severity=Severity.WARNING)
def passthrough_migration(hyperv: HyperV) -> Iterator[Finding]:
    """
    What: `hyperv.mode = passthrough`.
    Why: The guest gets all that this host's KVM knows, which the next host may not; libvirt does not compare (docs/formatdomain.rst 9.0.0,
    "hyperv": mode).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hyperv { mode = passthrough }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hyperv { mode = custom; relaxed = true }
        }
    """
    if hyperv.mode == "passthrough":
        yield Finding(("hyperv", "mode"), "a guest with the host's own enlightenments may not run on another host", help="name them")
