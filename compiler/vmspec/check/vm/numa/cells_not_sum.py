"""Cells that make another memory than the guest has."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import cell_memory, cells
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import Size, show_quantity


@rule(4250, "cells-not-sum", phase=Phase.ACCEPTED)
def cells_not_sum(vm: Domain) -> Iterator[Finding]:
    """
    What: The cells' memory (with memory modules) is not `memory.size`.
    Why: libvirt overwrites the guest's memory with the sum of the cells, without a word (virDomainDefPostParseMemory,
    src/conf/domain_postparse.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 4GiB; current = 2GiB }
          numa { cell 0 { cpus = 0; memory = 1GiB }; cell 1 { cpus = 1; memory = 1GiB } }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory.size = 2GiB
          numa { cell 0 { cpus = 0; memory = 1GiB }; cell 1 { cpus = 1; memory = 1GiB } }
        }
    """
    size = vm.memory.size if vm.memory is not None else None
    if not size or not cells(vm) or any(c.memory is None for c in cells(vm)):
        return
    whole = cell_memory(vm) + sum(m.size or 0 for m in vm.memory_device)
    if whole != size:
        yield Finding(
            ("memory", "size"),
            f"the cells have {show_quantity(Size(whole))}, and memory.size is {show_quantity(size)}, which libvirt overwrites",
            labels=tuple((("numa", "cell", c.label, "memory"), show_quantity(c.memory)) for c in cells(vm)[:8] if c.memory is not None),
            instead=show_quantity(Size(whole)),
        )
