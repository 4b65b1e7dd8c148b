"""A balloon larger than the guest."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.memory import total_memory
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import Size, show_quantity


@rule(4202, "current-above-size", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def current_above_size(vm: Domain) -> Iterator[Finding]:
    """
    What: `memory.current` is above the guest's memory.
    Why: libvirt lowers it without a word (virDomainDefPostParseMemory, src/conf/domain_postparse.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; current = 2GiB }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; current = 1GiB }
        }
    """
    memory = vm.memory
    if memory is None or not memory.current:
        return
    whole = total_memory(vm)
    if whole and memory.current > whole:
        yield Finding(
            ("memory", "current"),
            f"current {show_quantity(memory.current)} is above the guest's {show_quantity(Size(whole))}",
            labels=((("memory", "size"), "its memory"),),
        )
