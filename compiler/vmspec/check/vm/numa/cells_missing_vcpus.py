"""vCPUs in no cell."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.cpus import max_vcpus
from vmspec.check.queries.memory import cells
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet


@rule(4254, "cells-missing-vcpus", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def cells_missing_vcpus(vm: Domain) -> Iterator[Finding]:
    """
    What: Some vCPUs are in no cell.
    Why: libvirt puts them into cell 0 (qemuDomainDefNumaCPUsRectify, src/qemu/qemu_domain.c 9.0.0), whatever their pins say; QEMU calls
    partial mappings obsolete.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          cpu.count = 3
          memory.size = 2GiB
          numa { cell 0 { cpus = 0; memory = 1GiB }; cell 1 { cpus = 1; memory = 1GiB } }
        }
    Instead:
        vm a {
          cpu.count = 3
          memory.size = 2GiB
          numa { cell 0 { cpus = 0-1; memory = 1GiB }; cell 1 { cpus = 2; memory = 1GiB } }
        }
    """
    some = cells(vm)
    if not some:
        return
    named = CpuSet()
    for cell in some:
        named = named | (cell.cpus or CpuSet())
    left = [n for n in range(min(max_vcpus(vm), 4096)) if n not in named]
    if left and named:
        yield Finding(("numa", "cell", some[0].label, "cpus"), f"vCPU {CpuSet.of(left)} is in no cell, and libvirt puts it into cell 0")
