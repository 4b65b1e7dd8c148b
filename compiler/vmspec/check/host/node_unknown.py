"""A NUMA node that the host does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm


@rule(5038, "node-unknown", phase=Phase.FLEET)
def node_unknown(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A card, a device or a storage of a host lies on a NUMA node that the host's `numa` blocks do not have.
    Why: What is said of distance would be said of nothing: the rules on devices and nodes would pass over it.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; nic eno1 { node = 9 } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; nic eno1 { node = 0 } }
    """
    known = [each.label for each in host.spec.numa]
    if not known:
        return
    for kind, blocks in (("nic", host.spec.nic), ("storage", host.spec.storage), ("device", host.spec.device)):
        for each in blocks:
            if each.node is not None and str(each.node) not in known:
                message = f"{kind} {each.label} lies on node {each.node}, and {host.name} has {', '.join(known)}"
                yield Finding((kind, each.label, "node"), message, of=host)
