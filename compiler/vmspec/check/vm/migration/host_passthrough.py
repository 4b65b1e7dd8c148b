"""A processor that the next host may not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4924, "host-passthrough", phase=Phase.RUNTIME, severity=Severity.WARNING)
def host_passthrough(vm: Domain) -> Iterator[Finding]:
    """
    What: `migration.allowed` with the host's own CPU.
    Why: libvirt lets it migrate, and the guest meets a processor without instructions that it uses (docs/formatdomain.rst 9.0.0, "host-
    passthrough").
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          migration.allowed = true
          cpu { mode = host-passthrough }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          migration.allowed = true
          cpu { mode = host-model }
        }
    """
    if vm.migration is not None and vm.migration.allowed and vm.cpu is not None and vm.cpu.mode in ("host-passthrough", "maximum"):
        yield Finding(("cpu", "mode"), f"{vm.cpu.mode} migrates safely between equal hosts only", help="use host-model or a named model")
