"""vCPUs on one node, memory on another."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path
from vmspec.check.queries.cpus import pins
from vmspec.check.queries.hosts import nodes, nodes_of, severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet


@rule(5011, "memory-apart-from-cpus", phase=Phase.FLEET, severity=Severity.WARNING)
def memory_apart_from_cpus(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A VM's vCPUs, or those of one of its cells, run on one node of the host, and its memory is bound to another. An error where the
    guest counts on its CPUs being its own (`cpu.isolate`, which low-latency sets).
    Why: Every access of the guest crosses the interconnect. libvirt accepts it.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; numa 1 { cpus = 4-7; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; cpuset = 4-7 }; numa { mode = strict; nodeset = 0 } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; numa 1 { cpus = 4-7; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; cpuset = 4-7 }; numa { mode = strict; nodeset = 1 } }
    """
    for vm in vms:
        for path, who, vcpus, nodeset in _bound(vm.spec):
            own = nodes_of(host, _where(vm.spec, vcpus))
            if own and not own & nodeset and nodeset & CpuSet.of(nodes(host)):  # a node that there is not is 5002's
                yield Finding(
                    path,
                    f"{who.format(vm.name)} runs on node {own} of {host.name}, and its memory is on node {nodeset}",
                    severity=severity(vm.spec),
                    of=vm,
                )


def _bound(vm: Domain) -> Iterator[tuple[Path, str, CpuSet | None, CpuSet]]:
    """What is bound to nodes: where that is said, its name, its vCPUs (None: all), the nodes."""
    numa = vm.numa
    if numa is None:
        return
    for cell in numa.cell:
        if cell.nodeset and cell.cpus and cell.mode != "preferred":
            yield ("numa", "cell", cell.label, "nodeset"), f"cell {cell.label} of {{}}", cell.cpus, cell.nodeset
    if numa.nodeset and numa.mode != "preferred" and not any(cell.nodeset for cell in numa.cell):
        yield ("numa", "nodeset"), "{}", None, numa.nodeset


def _where(vm: Domain, vcpus: CpuSet | None) -> CpuSet:
    """The CPUs that these vCPUs run on: by their pins, or else by `cpu.cpuset`."""
    found = CpuSet().union(cpus for number, cpus in pins(vm).items() if vcpus is None or number in vcpus)
    return found or (vm.cpu.cpuset if vm.cpu is not None and vm.cpu.cpuset is not None else CpuSet())
