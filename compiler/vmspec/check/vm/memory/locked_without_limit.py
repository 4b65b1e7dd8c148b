"""Locked memory without a limit."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.memory import total_memory
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import Size, show_quantity


@rule(4217, "locked-without-limit", phase=Phase.RUNTIME, severity=Severity.WARNING)
def locked_without_limit(vm: Domain) -> Iterator[Finding]:
    """
    What: `locked` without `hard-limit`.
    Why: libvirt then lifts QEMU's memlock limit altogether (qemuDomainGetMemLockLimitBytes, src/qemu/qemu_domain.c 9.0.0), so that a broken
    QEMU can lock all of the host's memory.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; locked = true }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; locked = true; hard-limit = 2GiB }
        }
    """
    memory = vm.memory
    if memory is not None and memory.locked and not memory.hard_limit:
        need = show_quantity(Size(total_memory(vm) + (1 << 30)))
        yield Finding(
            ("memory", "locked"),
            "locked memory without a hard limit: QEMU may lock all of the host",
            help=f"set memory.hard-limit, say {need}",
        )
