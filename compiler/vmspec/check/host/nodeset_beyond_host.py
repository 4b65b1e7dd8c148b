"""Memory of a node that the host does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.hosts import nodes
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.value import CpuSet


@rule(5002, "nodeset-beyond-host", phase=Phase.START)
def nodeset_beyond_host(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A nodeset names a NUMA node that the host does not have.
    Why: libvirt accepts it at define and fails to start, even in mode preferred ("NUMA node N is unavailable", virNumaNodesetIsAvailable,
    src/util/virnuma.c 9.0.0).
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; numa { mode = strict; nodeset = 1 } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; numa { mode = strict; nodeset = 0 } }
    """
    there = CpuSet.of(nodes(host))
    if not there:
        return
    for vm in vms:
        for path, wanted in _wanted(vm):
            beyond = wanted - there if wanted is not None else None
            if beyond:
                yield Finding(
                    path,
                    f"{vm.name} wants memory of node {beyond}, and {host.name} has {there}",
                    others=((host, ("numa",), "its nodes"),),
                    of=vm,
                )


def _wanted(vm: Vm) -> Iterator[tuple[Path, CpuSet | None]]:
    numa = vm.spec.numa
    if numa is not None:
        yield ("numa", "nodeset"), numa.nodeset
        yield from ((("numa", "cell", c.label, "nodeset"), c.nodeset) for c in numa.cell)
    yield from ((("memory-device", m.label, "nodemask"), m.nodemask) for m in vm.spec.memory_device)
