"""Huge pages that a guest takes: of which size, how many, and of which nodes of its host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from vmspec.base.provenance import Path
from vmspec.model.domain import Domain
from vmspec.model.guest_memory import cells, page_sizes, total_memory
from vmspec.model.numa import Numa
from vmspec.model.value import CpuSet, Size, exact

STRICT = (None, "strict", "restrictive")
"""Modes in which no other node helps out; strict is libvirt's default (src/conf/numa_conf.c 9.0.0)."""


class PageDemand(NamedTuple):
    """Pages of one size that a guest, or a cell of it, takes."""

    bound: Path
    """Where it is said which nodes they come from; else where the memory is."""
    where: CpuSet | None
    """The nodes that they come from and no others; None: whichever have some."""
    size: int
    pages: int
    memory: Path
    """Where it is said how much memory it is."""


def page_size(text: str) -> int | None:
    """`1GiB` → bytes: the keys of a node's pools."""
    match = re.fullmatch(r"([0-9]+)([A-Za-z]+)", text)
    size = exact(match[1], match[2]) if match else None
    return int(size) if isinstance(size, Size) else None


def demands(vm: Domain) -> Iterator[PageDemand]:
    """By cell, where the guest has cells; what memory modules take belongs to the cell that they are plugged into."""
    numa = vm.numa
    if not page_sizes(vm):
        return
    if not cells(vm):
        size = _size(vm, 0)
        if size:
            path, where = _binding(numa, ("memory", "hugepages"))
            yield PageDemand(path, where, size, -(-total_memory(vm) // size), ("memory", "size"))
        return
    for cell in cells(vm):
        size = _size(vm, int(cell.label))
        memory = (cell.memory or 0) + sum(m.size or 0 for m in vm.memory_device if str(m.node or 0) == cell.label)
        if size and memory:
            own: Path = ("numa", "cell", cell.label, "nodeset")
            bound = (own, cell.nodeset) if cell.mode in STRICT else (own, None)
            path, where = bound if cell.nodeset else _binding(numa, ("numa", "cell", cell.label, "memory"))
            yield PageDemand(path, where, size, -(-memory // size), ("numa", "cell", cell.label, "memory"))


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
