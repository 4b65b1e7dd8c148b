"""Huge pages: what a guest takes, of which nodes, and what the nodes of a host have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from vmspec.base.provenance import Path
from vmspec.check.queries.hosts import nodes, page_size
from vmspec.check.queries.memory import cells, page_sizes, total_memory
from vmspec.lower.fleet import HostObject
from vmspec.model.domain import Domain
from vmspec.model.numa import Numa
from vmspec.model.value import CpuSet

STRICT = (None, "strict", "restrictive")
"""Modes in which no other node helps out; strict is libvirt's default (src/conf/numa_conf.c 9.0.0)."""

Pools = Mapping[int, Mapping[int, int]]
"""By page size: how many each node reserves."""


class PageDemand(NamedTuple):
    """Pages of one size that a guest, or a cell of it, takes."""

    bound: Path
    """Where it is said which nodes they come from; else where the memory is."""
    where: CpuSet | None
    """The nodes that they come from and no others; None: whichever have some."""
    size: int
    pages: int


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


def demands(vm: Domain) -> Iterator[PageDemand]:
    """By cell, where the guest has cells; what memory modules take belongs to the cell that they are plugged into."""
    numa = vm.numa
    if not page_sizes(vm):
        return
    if not cells(vm):
        size = _size(vm, 0)
        if size:
            path, where = _binding(numa, ("memory", "hugepages"))
            yield PageDemand(path, where, size, -(-total_memory(vm) // size))
        return
    for cell in cells(vm):
        size = _size(vm, int(cell.label))
        memory = (cell.memory or 0) + sum(m.size or 0 for m in vm.memory_device if str(m.node or 0) == cell.label)
        if size and memory:
            own: Path = ("numa", "cell", cell.label, "nodeset")
            bound = (own, cell.nodeset) if cell.mode in STRICT else (own, None)
            path, where = bound if cell.nodeset else _binding(numa, ("numa", "cell", cell.label, "memory"))
            yield PageDemand(path, where, size, -(-memory // size))


def _binding(numa: Numa | None, unbound: Path) -> tuple[Path, CpuSet | None]:
    strict = numa is not None and numa.nodeset and numa.mode in STRICT
    return (("numa", "nodeset"), numa.nodeset) if numa is not None and strict else (unbound, None)


def _size(vm: Domain, cell: int) -> int | None:
    """The page size of a cell; None for ordinary pages, and for pages of the host's default size, which is the host's to say."""
    memory = vm.memory
    if memory is None:
        return None
    if isinstance(memory.hugepages, int) and not isinstance(memory.hugepages, bool):
        return int(memory.hugepages)
    own = next((p for p in memory.pages if p.nodes is not None and cell in p.nodes), None)
    page = own or next((p for p in memory.pages if p.nodes is None), None)
    return int(page.size) if page is not None and page.size else None
