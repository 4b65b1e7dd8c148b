"""Threads of a core that the host does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.cpus import pins
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_x86


@rule(4174, "smt-without-pins", phase=Phase.RUNTIME, severity=Severity.WARNING)
def smt_without_pins(vm: Domain) -> Iterator[Finding]:
    """
    What: The guest's topology has several threads in a core, and its vCPUs are not pinned.
    Why: The guest's scheduler then packs or spreads by siblings that are none on the host (docs/formatdomain.rst 9.0.0, "topology"); side-
    channel mitigations rely on them too.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu { count = 4; mode = host-passthrough; topology { sockets = 1; cores = 2; threads = 2 } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu { count = 4; mode = host-passthrough; topology { sockets = 1; cores = 4; threads = 1 } }
        }
    """
    shape = vm.cpu.topology if vm.cpu is not None else None
    if shape is not None and (shape.threads or 1) > 1 and not pins(vm) and is_x86(vm):
        yield Finding(
            ("cpu", "topology", "threads"),
            f"{shape.threads} threads in a core mean nothing while vCPUs float over the host",
            help="set threads = 1, or pin sibling vCPUs to sibling CPUs",
        )
