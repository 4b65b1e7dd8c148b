"""The guest's NUMA cells: CPUs and memory."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.cpus import max_vcpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.guest_memory import cell_memory, cells
from vmspec.model.value import CpuSet, Size, show_quantity


@rule(4250, "cells-not-sum", phase=Phase.ACCEPTED, needs="numa.cell")
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
        vm a { cpu.count = 2; memory.size = 2GiB; numa { cell 0 { cpus = 0; memory = 1GiB }; cell 1 { cpus = 1; memory = 1GiB } } }
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


@rule(4251, "cells-overlap", phase=Phase.DEFINE, needs="numa.cell")
def cells_overlap(vm: Domain) -> Iterator[Finding]:
    """
    What: Two cells name the same vCPU.
    Why: libvirt 9.0.0 refuses it at define (virDomainNumaDefParseXML, src/conf/numa_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: NUMA cells 1 and 0 have overlapping vCPU ids.
    Example:
        vm a { cpu.count = 2; memory.size = 2GiB; numa { cell 0 { cpus = 0-1; memory = 1GiB }; cell 1 { cpus = 1; memory = 1GiB } } }
    Instead:
        vm a { cpu.count = 2; memory.size = 2GiB; numa { cell 0 { cpus = 0; memory = 1GiB }; cell 1 { cpus = 1; memory = 1GiB } } }
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


@rule(4252, "cells-beyond-vcpus", phase=Phase.DEFINE, needs="numa.cell")
def cells_beyond_vcpus(vm: Domain) -> Iterator[Finding]:
    """
    What: A cell names a vCPU whose number is not below the largest number of vCPUs.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefParseXML, src/conf/domain_conf.c: "CPU IDs in <numa> exceed the <vcpu> count").
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Number of CPUs in <numa> exceeds the <vcpu> count.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; numa { cell 0 { cpus = 0-3; memory = 1GiB } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 4; numa { cell 0 { cpus = 0-3; memory = 1GiB } } }
    """
    most = max_vcpus(vm)
    for cell in cells(vm):
        beyond = [n for n in cell.cpus if n >= most] if cell.cpus else []
        if beyond:
            yield Finding(
                ("numa", "cell", cell.label, "cpus"),
                f"cell {cell.label} has vCPU {CpuSet.of(beyond)}, and the VM has {most}, numbered from 0",
            )


@rule(4253, "cells-gap", phase=Phase.DEFINE, needs="numa.cell")
def cells_gap(vm: Domain) -> Iterator[Finding]:
    """
    What: The cells are not 0, 1, 2, … without a gap.
    Why: libvirt 9.0.0 refuses others at define (virDomainNumaDefParseXML, src/conf/numa_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Exactly one 'cell' element per guest NUMA cell allowed, non-contiguous
    ranges or ranges not starting from 0 are not allowed.
    Example:
        vm a { cpu.count = 2; memory.size = 2GiB; numa { cell 0 { cpus = 0; memory = 1GiB }; cell 2 { cpus = 1; memory = 1GiB } } }
    Instead:
        vm a { cpu.count = 2; memory.size = 2GiB; numa { cell 0 { cpus = 0; memory = 1GiB }; cell 1 { cpus = 1; memory = 1GiB } } }
    """
    some = cells(vm)
    numbers = [int(c.label) for c in some if c.label.isdigit()]
    if len(numbers) == len(some) and sorted(numbers) != list(range(len(some))):
        odd = next(c for c in some if int(c.label) >= len(some) or numbers.count(int(c.label)) > 1)
        yield Finding(("numa", "cell", odd.label), f"{len(some)} cells are numbered 0 to {len(some) - 1}, and this one is {odd.label}")


@rule(4254, "cells-missing-vcpus", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="numa.cell")
def cells_missing_vcpus(vm: Domain) -> Iterator[Finding]:
    """
    What: Some vCPUs are in no cell.
    Why: libvirt puts them into cell 0 (qemuDomainDefNumaCPUsRectify, src/qemu/qemu_domain.c 9.0.0), whatever their pins say; QEMU calls
    partial mappings obsolete.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { cpu.count = 3; memory.size = 2GiB; numa { cell 0 { cpus = 0; memory = 1GiB }; cell 1 { cpus = 1; memory = 1GiB } } }
    Instead:
        vm a { cpu.count = 3; memory.size = 2GiB; numa { cell 0 { cpus = 0-1; memory = 1GiB }; cell 1 { cpus = 2; memory = 1GiB } } }
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


@rule(4255, "cell-without-memory", phase=Phase.START, needs="numa.cell")
def cell_without_memory(vm: Domain) -> Iterator[Finding]:
    """
    What: A cell has no memory, or 0.
    Why: Guests do not expect a node without memory; libvirt refuses a missing value at define and 0 as the guest starts
    (qemuBuildNumaCommandLine, src/qemu/qemu_command.c 9.0.0: the memory backend's size may not be 0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: property 'size' of memory-backend-ram doesn't take value '0'.
    Example:
        vm a { cpu.count = 2; memory.size = 1GiB; numa { cell 0 { cpus = 0; memory = 1GiB }; cell 1 { cpus = 1; memory = 0B } } }
    Instead:
        vm a { cpu.count = 2; memory.size = 2GiB; numa { cell 0 { cpus = 0; memory = 1GiB }; cell 1 { cpus = 1; memory = 1GiB } } }
    """
    for cell in cells(vm):
        if not cell.memory and "memory" not in "".join(cell.raw):
            yield Finding(("numa", "cell", cell.label), f"cell {cell.label} has no memory")
