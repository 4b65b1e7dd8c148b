"""The pools of huge pages that the nodes of a host have."""

from __future__ import annotations

from collections.abc import Mapping

from vmspec.base.provenance import Path
from vmspec.check.queries.hosts import nodes
from vmspec.lower.fleet import HostObject
from vmspec.model.domain import Domain
from vmspec.model.guest_memory import page_sizes
from vmspec.model.guest_pages import page_size
from vmspec.model.value import Repeated, Size, Value

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


def pages_by_hand(host: HostObject) -> tuple[Path, dict[int, int]] | None:
    """Pages that the host reserves by an argument or a sysctl of its own, by size, and where; None where it does not, or in a form that is
    only the kernel's to read."""
    args = host.spec.kernel.args if host.spec.kernel is not None else {}
    default = _bytes(args.get("default_hugepagesz")) or 2 << 20
    count = args.get("hugepages")
    size = _bytes(args["hugepagesz"]) if "hugepagesz" in args else default
    if count is not None:
        numbers = [int(each.rpartition(":")[2]) for each in str(count).split(",") if each.rpartition(":")[2].isdigit()]
        whole = size is not None and not isinstance(count, Repeated) and len(numbers) == len(str(count).split(","))
        return (("kernel", "args", "hugepages"), {size: sum(numbers)}) if whole and size is not None else None
    for name in ("vm.nr_hugepages", "vm/nr_hugepages"):
        number = host.spec.sysctl.get(name)
        if isinstance(number, int):
            return ("sysctl", name), {default: number}
    return None


def _bytes(value: Value | None) -> int | None:
    """`1GiB`, or the kernel's `1G`."""
    return int(value) if isinstance(value, Size) else page_size(f"{value}iB") if isinstance(value, str) else None
