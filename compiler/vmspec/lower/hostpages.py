"""The huge pages of each node of a host that its guests take: derived from them, with what the host says as the least.

A host that reserves pages by a kernel argument or a sysctl of its own has the word. Guests that are bound to no node take what is there,
and what is missing is spread over the nodes of their CPUs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from vmspec.base.provenance import Step, StepKind, ValueAddress
from vmspec.base.record import replace
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.domain import Domain
from vmspec.model.guest_pages import PageDemand, demands, page_size
from vmspec.model.value import CpuSet, Size, Value, show_quantity

GIB = 1 << 30
BY_HAND = ("vm.nr_hugepages", "vm/nr_hugepages")


class _Share(NamedTuple):
    """What one guest takes of one node."""

    vm: Vm
    demand: PageDemand
    number: int


def with_pages(host: HostObject, vms: Iterable[Vm]) -> HostObject:
    """The host, its nodes reserving what its guests take."""
    if not host.spec.numa or _by_hand(host):
        return host
    asking = [(vm, demand) for vm in sorted(vms, key=lambda vm: vm.name) if vm.resolve for demand in demands(vm.spec)]
    shares = _shares(host, asking)
    switch = _of_switch(host)
    nodes, trails = [], dict(host.trails)
    for node in host.spec.numa:
        pools = dict(node.hugepages)
        keys = {page_size(key): key for key in (*node.spare, *node.hugepages)}
        sizes = sorted(
            {size for number, size in (*shares, *switch) if number == node.label} | {size for size in map(page_size, node.spare) if size}
        )
        for size in sizes:
            key = keys.get(size) or show_quantity(Size(size))
            taken = shares.get((node.label, size), [])
            least, spare = _count(node.hugepages, key), _count(node.spare, key)
            polling = switch.get((node.label, size), 0)
            want = sum(share.number for share in taken) + polling
            if max(least, want) + spare != least:
                pools[key] = max(least, want) + spare
                path = ("numa", node.label, "hugepages", key)
                trails[path] = (*trails.get(path, ()), _step(host, node.label, key, taken, polling, spare))
        nodes.append(node.but(hugepages=pools))
    return replace(host, spec=host.spec.but(numa=tuple(nodes)), trails=trails)


def _by_hand(host: HostObject) -> bool:
    args = host.spec.kernel.args if host.spec.kernel is not None else {}
    return "hugepages" in args or any(name in host.spec.sysctl for name in BY_HAND)


def _count(pools: Mapping[str, Value], key: str) -> int:
    number = pools.get(key, 0)
    return number if isinstance(number, int) else 0


def _shares(host: HostObject, asking: list[tuple[Vm, PageDemand]]) -> dict[tuple[str, int], list[_Share]]:
    """By node and page size. Those that are bound come first, for they cannot go elsewhere."""
    found: dict[tuple[str, int], list[_Share]] = {}
    for vm, demand in sorted(asking, key=lambda each: each[1].where is None):
        where = [node for node in host.spec.numa if node.label.isdigit() and (demand.where is None or int(node.label) in demand.where)]
        left = demand.pages
        if demand.where is None:
            for node in where:  # of what the host reserves by hand, and nobody takes yet
                least = sum(_count(node.hugepages, key) for key in node.hugepages if page_size(key) == demand.size)
                free = max(least - sum(s.number for s in found.get((node.label, demand.size), ())), 0)
                left -= _take(found, (node.label, demand.size), vm, demand, min(free, left))
            own = _cpus(vm.spec)
            where = [node for node in where if node.cpus and node.cpus & own] or where
        for index, node in enumerate(where):
            rest = len(where) - index
            left -= _take(found, (node.label, demand.size), vm, demand, -(-left // rest))
    return found


def _of_switch(host: HostObject) -> dict[tuple[str, int], int]:
    """Pages of 1 GiB on each node that has CPUs of its poll threads, by node and size."""
    switch = host.spec.switch
    if switch is None or not switch.cpus or not switch.memory:
        return {}
    return {(node.label, GIB): -(-switch.memory // GIB) for node in host.spec.numa if node.cpus and node.cpus & switch.cpus}


def _take(found: dict[tuple[str, int], list[_Share]], key: tuple[str, int], vm: Vm, demand: PageDemand, number: int) -> int:
    if number:
        found.setdefault(key, []).append(_Share(vm, demand, number))
    return number


def _cpus(vm: Domain) -> CpuSet:
    pinned = CpuSet().union(v.pin for v in vm.vcpu if v.pin is not None)
    return pinned or (vm.cpu.cpuset if vm.cpu is not None and vm.cpu.cpuset is not None else CpuSet())


def _step(host: HostObject, node: str, key: str, taken: list[_Share], polling: int, spare: int) -> Step:
    taken = sorted(taken, key=lambda share: -share.number)
    names = list(dict.fromkeys(share.vm.name for share in taken))
    who = f"{len(names)} guests take" if len(names) > 1 else f"guest {names[0]} takes" if names else ""
    parts = [f"{who} {sum(share.number for share in taken)}"] if taken else []
    parts += [f"the switch takes {polling}"] if polling else []
    parts += [f"{spare} spare"] if spare else []
    origin = f"vm {names[0]}" if names else f"host {host.name}"
    own = ("switch", "memory") if polling else ("numa", node, "spare", key)
    span = taken[0].vm.where(taken[0].demand.memory) if taken else host.where(own)
    return Step(
        StepKind.DERIVED,
        origin,
        span,
        tuple(ValueAddress(share.vm.name, share.demand.memory) for share in taken),
        why=", ".join(parts),
    )
