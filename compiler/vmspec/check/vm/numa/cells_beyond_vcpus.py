"""A cell with vCPUs that do not exist."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.cpus import max_vcpus
from vmspec.check.queries.memory import cells
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet


@rule(4252, "cells-beyond-vcpus", phase=Phase.DEFINE)
def cells_beyond_vcpus(vm: Domain) -> Iterator[Finding]:
    """
    What: A cell names a vCPU whose number is not below the largest number of vCPUs.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefParseXML, src/conf/domain_conf.c: "CPU IDs in <numa> exceed the <vcpu> count").
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Number of CPUs in <numa> exceeds the <vcpu> count.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          numa { cell 0 { cpus = 0-3; memory = 1GiB } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 4
          numa { cell 0 { cpus = 0-3; memory = 1GiB } }
        }
    """
    most = max_vcpus(vm)
    for cell in cells(vm):
        beyond = [n for n in cell.cpus if n >= most] if cell.cpus else []
        if beyond:
            yield Finding(
                ("numa", "cell", cell.label, "cpus"),
                f"cell {cell.label} has vCPU {CpuSet.of(beyond)}, and the VM has {most}, numbered from 0",
            )
