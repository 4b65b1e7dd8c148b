"""A guest without memory."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import cell_count, cell_memory
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4201, "memory-missing", phase=Phase.DEFINE)
def memory_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: Neither `memory.size` nor NUMA cells say how much memory the guest has.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefPostParseMemory, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Memory size must be specified via <memory> or in the <numa>
    configuration.
    Example:
        vm a { cpu.count = 1 }
    Instead:
        vm a { cpu.count = 1; memory.size = 1GiB }
    """
    if not (vm.memory is not None and vm.memory.size) and not cell_memory(vm) and cell_count(vm) is not None:
        yield Finding(("memory",), f"{vm.name or 'the domain'} has no memory", help="set memory.size")
