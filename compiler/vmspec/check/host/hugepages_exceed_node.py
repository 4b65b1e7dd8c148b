"""More huge pages than memory."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.hosts import page_size
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.value import Size, show_quantity


@rule(5022, "hugepages-exceed-node", phase=Phase.FLEET)
def hugepages_exceed_node(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: The huge pages of a node are more than its memory.
    Why: The kernel reserves what it can and logs the rest ("HugeTLB: allocating N of page size … failed", mm/hugetlb.c); guests then do not
    start.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 4GiB; hugepages { 1GiB = 8 } } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB; hugepages { 1GiB = 8 } } }
    """
    for node in host.spec.numa:
        want = sum((page_size(key) or 0) * count for key, count in node.hugepages.items() if isinstance(count, int))
        if node.memory and want > node.memory:
            yield Finding(
                ("numa", node.label, "hugepages"),
                f"huge pages of {show_quantity(Size(want))} do not fit node {node.label} of {host.name} with {show_quantity(node.memory)}",
                of=host,
            )
