"""vCPUs on one node, memory on another."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.build.fleet import HostObject, Vm
from vmspec.check.read.cpus import pins
from vmspec.check.read.hosts import nodes_of
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.value import CpuSet


@rule(5011, "memory-apart-from-cpus", phase=Phase.FLEET, severity=Severity.WARNING)
def memory_apart_from_cpus(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A VM's vCPUs are pinned to one node and its memory is strictly on another.
    Why: Every access of the guest crosses the interconnect. libvirt accepts it.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; numa 1 { cpus = 4-7; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; cpuset = 4-7 }; numa { mode = strict; nodeset = 0 } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; numa 1 { cpus = 4-7; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; cpuset = 4-7 }; numa { mode = strict; nodeset = 1 } }
    """
    for vm in vms:
        numa, cpu = vm.spec.numa, vm.spec.cpu
        if numa is None or numa.nodeset is None or numa.mode == "preferred" or numa.cell:
            continue
        where = CpuSet.of(c for cpus in pins(vm.spec).values() for c in cpus) or (
            cpu.cpuset if cpu is not None and cpu.cpuset is not None else CpuSet()
        )
        own = nodes_of(host, where)
        if own and not own & numa.nodeset:
            yield Finding(
                ("numa", "nodeset"), f"{vm.name} runs on node {own} of {host.name}, and its memory is on node {numa.nodeset}", of=vm
            )
