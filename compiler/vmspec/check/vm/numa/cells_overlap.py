"""A vCPU in two cells."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import cells
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet


@rule(4251, "cells-overlap", phase=Phase.DEFINE)
def cells_overlap(vm: Domain) -> Iterator[Finding]:
    """
    What: Two cells name the same vCPU.
    Why: libvirt 9.0.0 refuses it at define (virDomainNumaDefParseXML, src/conf/numa_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: NUMA cells 1 and 0 have overlapping vCPU ids.
    Example:
        vm a {
          cpu.count = 2
          memory.size = 2GiB
          numa { cell 0 { cpus = 0-1; memory = 1GiB }; cell 1 { cpus = 1; memory = 1GiB } }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory.size = 2GiB
          numa { cell 0 { cpus = 0; memory = 1GiB }; cell 1 { cpus = 1; memory = 1GiB } }
        }
    """
    some = cells(vm)
    for i, cell in enumerate(some):
        for other in some[:i]:
            both = (cell.cpus or CpuSet()) & (other.cpus or CpuSet())
            if both:
                yield Finding(
                    ("numa", "cell", cell.label, "cpus"),
                    f"vCPU {both} is in cell {other.label} already",
                    labels=((("numa", "cell", other.label, "cpus"), "the other cell"),),
                )
