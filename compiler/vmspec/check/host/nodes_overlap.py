"""A CPU on two nodes."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.value import CpuSet


@rule(5023, "nodes-overlap", phase=Phase.FLEET)
def nodes_overlap(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: Two NUMA nodes of a host name the same CPU.
    Why: A CPU is on one node; one of the two is mistyped, and pins would be checked against a host that does not exist.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 4GiB }; numa 1 { cpus = 3-7; memory = 4GiB } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 4GiB }; numa 1 { cpus = 4-7; memory = 4GiB } }
    """
    some = host.spec.numa
    for i, node in enumerate(some):
        for other in some[:i]:
            both = (node.cpus or CpuSet()) & (other.cpus or CpuSet())
            if both:
                yield Finding(
                    ("numa", node.label, "cpus"),
                    f"CPU {both} of {host.name} is on node {other.label} too",
                    labels=((("numa", other.label, "cpus"), "the other node"),),
                    of=host,
                )
