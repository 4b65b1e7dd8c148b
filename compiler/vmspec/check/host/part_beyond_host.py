"""Cards, devices and siblings of a host that name a node or a CPU that it does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.hosts import host_cpus, nodes
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.value import CpuSet


@rule(5037, "part-beyond-host", phase=Phase.FLEET)
def part_beyond_host(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A network card, device or storage of a host says a NUMA node, or a group of siblings a CPU, that the host's `numa` blocks do not
    have.
    Why: What is near to a guest is judged by these numbers (5012, 5017); one that there is not makes every guest look far.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; nic eno1 { node = 1 } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; nic eno1 { node = 0 } }
    """
    there, cpus = CpuSet.of(nodes(host)), host_cpus(host)
    for kind, parts in (("nic", host.spec.nic), ("device", host.spec.device), ("storage", host.spec.storage)):
        for part in parts if there else ():
            if part.node is not None and part.node not in there:
                yield Finding(
                    (kind, part.label, "node"),
                    f"{kind} {part.label} is on node {part.node}, and {host.name} has {there}",
                    labels=((("numa",), "its nodes"),),
                )
    for group in (host.spec.siblings or ()) if cpus else ():
        if group - cpus:
            yield Finding(("siblings",), f"{host.name} has no CPU {group - cpus}: it has {cpus}")
