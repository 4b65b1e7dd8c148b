"""Cells that are not numbered from 0."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import cells
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4253, "cells-gap", phase=Phase.DEFINE)
def cells_gap(vm: Domain) -> Iterator[Finding]:
    """
    What: The cells are not 0, 1, 2, … without a gap.
    Why: libvirt 9.0.0 refuses others at define (virDomainNumaDefParseXML, src/conf/numa_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Exactly one 'cell' element per guest NUMA cell allowed, non-contiguous
    ranges or ranges not starting from 0 are not allowed.
    Example:
        vm a {
          cpu.count = 2
          memory.size = 2GiB
          numa { cell 0 { cpus = 0; memory = 1GiB }; cell 2 { cpus = 1; memory = 1GiB } }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory.size = 2GiB
          numa { cell 0 { cpus = 0; memory = 1GiB }; cell 1 { cpus = 1; memory = 1GiB } }
        }
    """
    some = cells(vm)
    numbers = [int(c.label) for c in some if c.label.isdigit()]
    if len(numbers) == len(some) and sorted(numbers) != list(range(len(some))):
        odd = next(c for c in some if int(c.label) >= len(some) or numbers.count(int(c.label)) > 1)
        yield Finding(("numa", "cell", odd.label), f"{len(some)} cells are numbered 0 to {len(some) - 1}, and this one is {odd.label}")
