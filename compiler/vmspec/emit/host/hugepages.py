"""Huge pages of a host's nodes: 1 GiB and larger on the kernel command line, where the kernel can say the node; others at boot.

Sources: Linux Documentation/admin-guide/mm/hugetlbpage.rst (`hugepages=node:count,…` since 5.16; a gigantic page has to be
reserved before memory is fragmented) and Documentation/admin-guide/kernel-parameters.txt.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from vmspec.base.provenance import Path
from vmspec.emit.host.file import FileEntry
from vmspec.lower.fleet import HostObject
from vmspec.model.guest_pages import page_size
from vmspec.model.target import LIKE_RHEL, SYSTEMS, of_system, version

GIB = 1 << 30
PER_NODE = (5, 16)
"""The first kernel that takes `hugepages=NODE:COUNT`."""


class Pages(NamedTuple):
    """`number` pages of `size` bytes on one node."""

    node: int
    size: int
    number: int
    path: Path

    @property
    def sysfs(self) -> str:
        return f"/sys/devices/system/node/node{self.node}/hugepages/hugepages-{self.size // 1024}kB/nr_hugepages"


def pages(host: HostObject) -> list[Pages]:
    """By size, then node."""
    found: list[Pages] = []
    for node in host.spec.numa:
        for text, count in node.hugepages.items():
            size = page_size(text)
            if size is not None and isinstance(count, int):
                found.append(Pages(int(node.label), size, count, ("numa", node.label, "hugepages", text)))
    return sorted(found, key=lambda p: (p.size, p.node))


def at_boot(host: HostObject) -> list[Pages]:
    """What goes on the command line: gigantic pages, unless it names sizes by hand or the kernel is older than 5.16."""
    by_hand = host.spec.kernel is not None and "hugepages" in host.spec.kernel.args
    return [] if by_hand or not _knows_nodes(host) else [p for p in pages(host) if p.size >= GIB]


def later(host: HostObject) -> list[Pages]:
    """What is reserved while the host starts."""
    early = at_boot(host)
    return [p for p in pages(host) if p not in early]


def _knows_nodes(host: HostObject) -> bool:
    """What the host does not say is the oldest kernel that a release of its distribution came with. An older kernel takes the nodes' form
    and reserves nothing, without a word (seen on 5.10)."""
    match = re.match(r"([0-9]+)\.([0-9]+)", host.spec.kernel_version or "")
    if match is not None:
        return (int(match[1]), int(match[2])) >= PER_NODE
    family = "rhel" if host.spec.os in LIKE_RHEL else str(host.spec.os)
    known = [software.kernel for name in SYSTEMS if name.startswith(f"{family}-") and (software := of_system(name)) is not None]
    own = version(host.spec.libvirt)
    same = [s.kernel for n in SYSTEMS if n.startswith(f"{family}-") and (s := of_system(n)) is not None and s.libvirt == own]
    return not known or min(same or known) >= PER_NODE


def arguments(host: HostObject) -> list[tuple[str, FileEntry]]:
    found: list[tuple[str, FileEntry]] = []
    early = at_boot(host)
    for size in sorted({p.size for p in early}):
        group = [p for p in early if p.size == size]
        paths, numbers = tuple(p.path for p in group), ",".join(f"{p.node}:{p.number}" for p in group)
        found.append((f"hugepagesz={size // GIB}G", FileEntry(f"hugepagesz={size // GIB}G", paths)))
        found.append((f"hugepages={numbers}", FileEntry(f"hugepages of {size // GIB}G", paths, numbers)))
    return found
