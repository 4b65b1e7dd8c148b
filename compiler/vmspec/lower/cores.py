"""Assigns a guest's vCPUs to the cores of a host, so that threads of one guest core are threads of one host core."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from vmspec.model.cpu import Cpu
from vmspec.model.host import Host
from vmspec.model.value import CpuSet

CoreGroups = Sequence[CpuSet]
"""The CPUs of each core. A CPU in none of them is a core by itself."""


def threads(cpu: Cpu | None) -> int:
    """Threads in each core of the guest; vCPUs N·threads up to the next such number are one core (x86_topo_ids_from_idx,
    include/hw/i386/topology.h of QEMU 7.2; virt_possible_cpu_arch_ids and spapr_possible_cpu_arch_ids alike)."""
    return (cpu.topology.threads or 1) if cpu is not None and cpu.topology is not None else 1


def siblings(host: Host | None) -> CoreGroups | None:
    """The cores of a host; None if they are not known."""
    return host.siblings if host is not None and host.siblings else None


def core_of(cpu: int, groups: CoreGroups) -> CpuSet:
    """The CPUs on the core of a CPU, itself included."""
    return next((group for group in groups if cpu in group), CpuSet(1 << cpu))


def ascending(cpus: CpuSet, vcpus: Iterable[int]) -> dict[int, int]:
    """The i-th CPU for the i-th vCPU."""
    return dict(zip(vcpus, cpus, strict=True))


def by_cores(
    cpus: CpuSet, vcpus: Sequence[int], size: int, groups: CoreGroups, held: Mapping[int, int], near: Mapping[int, CpuSet]
) -> dict[int, int] | None:
    """A CPU for each of the vCPUs, those of one guest core (`size` threads) on one core of the host; None where they cannot be.

    `held` are the CPUs of vCPUs that have theirs already; `near` are the CPUs on the node of a vCPU's memory, which are preferred.
    """
    free = cpus
    dealt: dict[int, int] = {}
    cores: dict[int, list[int]] = {}
    for vcpu in vcpus:
        cores.setdefault(vcpu // size, []).append(vcpu)
    begun = {vcpu // size: cpu for vcpu, cpu in held.items()}
    # A guest core of which a part is pinned has no choice.
    for number in sorted(cores, key=lambda n: (n not in begun, n)):
        members = cores[number]
        there = core_of(begun[number], groups) & free if number in begun else _core(free, len(members), groups, near.get(members[0]))
        if there is None or len(there) < len(members):
            return None
        for vcpu, cpu in zip(members, there, strict=False):
            dealt[vcpu] = cpu
            free = free - CpuSet(1 << cpu)
    return dealt


def _core(free: CpuSet, wanted: int, groups: CoreGroups, near: CpuSet | None) -> CpuSet | None:
    """The free CPUs of the lowest core that has enough of them: of those nearby, if there are."""
    for among in (free & near, free) if near is not None else (free,):
        for cpu in among:
            here = core_of(cpu, groups) & free
            if len(here) >= wanted:
                return here
    return None
