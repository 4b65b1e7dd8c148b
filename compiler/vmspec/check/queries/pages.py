"""The pools of huge pages that the nodes of a host have."""

from __future__ import annotations

from collections.abc import Mapping

from vmspec.check.queries.hosts import nodes
from vmspec.lower.fleet import HostObject
from vmspec.model.domain import Domain
from vmspec.model.guest_memory import page_sizes
from vmspec.model.guest_pages import page_size

Pools = Mapping[int, Mapping[int, int]]
"""By page size: how many each node reserves."""


def pools(host: HostObject) -> Pools:
    found: dict[int, dict[int, int]] = {}
    for number, node in nodes(host).items():
        for key, count in node.hugepages.items():
            size = page_size(key)
            if size and isinstance(count, int):
                found.setdefault(size, {})[number] = count
    return found


def pooled_memory(host: HostObject) -> dict[int, int]:
    """Bytes of each node that lie in its pools, and so are for nothing else."""
    found: dict[int, int] = {}
    for size, of_nodes in pools(host).items():
        for number, count in of_nodes.items():
            found[number] = found.get(number, 0) + size * count
    return found


def is_pooled(vm: Domain, there: Pools) -> bool:
    """Whether all memory of the guest comes from the pools that its host declares."""
    sizes = page_sizes(vm)
    return bool(sizes) and all(size in there for size in sizes)
