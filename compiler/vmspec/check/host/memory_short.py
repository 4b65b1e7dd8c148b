"""More memory than the host has."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.hosts import nodes
from vmspec.check.queries.memory import initial_memory, total_memory
from vmspec.check.queries.pages import STRICT, is_pooled, pooled_memory, pools
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet, Size, show_quantity


@rule(5003, "memory-short", phase=Phase.FLEET)
def memory_short(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: The VMs of a host have more memory than it has without what is reserved, is kept free (`reserve.headroom`, of what shared guests
    share) and lies in huge pages, or those bound strictly to a node more than that has.
    Why: The kernel swaps and then kills, and memory that is bound strictly comes from no other node (set_mempolicy(2), MPOL_BIND); libvirt
    never adds the guests up.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 4GiB } }
        vm a { place = host(n1); memory.size = 3GiB; cpu.count = 1 }
        vm b { place = host(n1); memory.size = 3GiB; cpu.count = 1 }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 8GiB } }
        vm a { place = host(n1); memory.size = 3GiB; cpu.count = 1 }
        vm b { place = host(n1); memory.size = 3GiB; cpu.count = 1 }
    """
    have = sum(n.memory or 0 for n in host.spec.numa)
    there = pools(host)
    ordinary = tuple(vm for vm in vms if not is_pooled(vm.spec, there))
    if not have or not ordinary:
        return
    reserve, overcommit = host.spec.reserve, host.spec.overcommit
    kept = sum(pooled_memory(host).values()) + ((reserve.memory or 0) if reserve is not None else 0)
    ratio = overcommit.memory if overcommit is not None and overcommit.memory else WHOLE
    headroom = reserve.headroom if reserve is not None else None
    held = sum(total_memory(vm.spec) for vm in ordinary if _is_held(vm.spec))
    want = sum(total_memory(vm.spec) for vm in ordinary)
    shared = max(have - kept - held, 0)
    room = min(held, max(have - kept, 0)) + shared * (WHOLE - (headroom or 0)) // WHOLE * ratio // WHOLE
    if want <= room:
        yield from _of_nodes(host, ordinary, ratio)
    else:
        last = ordinary[-1]
        free = f", {show_quantity(headroom)} kept free" if headroom else ""
        without = " beside its huge pages" if there else ""
        yield Finding(
            ("memory", "size"),
            f"the VMs of {host.name} have {show_quantity(Size(want))} together{without}, and it has room for "
            f"{show_quantity(Size(room))}{free}",
            others=(
                (host, ("reserve", "headroom") if headroom else ("numa",), "kept free here" if headroom else "its memory"),
                *((vm, ("memory", "size"), show_quantity(Size(total_memory(vm.spec)))) for vm in ordinary[:5] if vm is not last),
            ),
            help="place some elsewhere, or allow it with overcommit.memory",
            of=last,
        )


WHOLE = 100_000
"""100%, in thousandths of one percent."""


def _of_nodes(host: HostObject, vms: tuple[Vm, ...], ratio: int) -> Iterator[Finding]:
    """Memory that may come from some nodes only, against what these have beside their huge pages."""
    taken = pooled_memory(host)
    memory = {number: node.memory and max(node.memory - taken.get(number, 0), 0) for number, node in nodes(host).items()}
    bound = [(vm, *each) for vm in vms for each in _bound(vm.spec)]
    for where in dict.fromkeys(nodeset for _, _, nodeset, _ in bound):
        have = [memory.get(number) for number in where]
        inside = [each for each in bound if not each[2] - where]
        want = sum(size if _is_held(vm.spec) else size * WHOLE // ratio for vm, _, _, size in inside)
        room = sum(size or 0 for size in have)
        if None not in have and want > room:
            vm, path = inside[-1][:2]
            them = "the guests bound to it" if len(inside) > 1 else vm.name
            beside = " beside its huge pages" if any(taken.get(number) for number in where) else ""
            yield Finding(
                path,
                f"node {where} of {host.name} has {show_quantity(Size(room))}{beside}, and {them} want{'s' * (len(inside) == 1)} "
                f"{show_quantity(Size(want))} from there and from nowhere else",
                others=(
                    (host, ("numa", str(next(iter(where))), "memory"), "its memory"),
                    *((other, at, show_quantity(Size(some))) for other, at, _, some in inside[:5] if (other, at) != (vm, path)),
                ),
                help="bind less to the node, spread the guest over cells, or set mode = preferred",
                of=vm,
            )
            return


def _bound(vm: Domain) -> Iterator[tuple[Path, CpuSet, int]]:
    """Memory that comes from these nodes or not at all: where its size is said, the nodes, bytes."""
    numa = vm.numa
    if numa is None:
        return
    own = [c for c in numa.cell if c.nodeset and c.memory and c.mode in STRICT]
    for cell in own:
        yield ("numa", "cell", cell.label, "memory"), cell.nodeset or CpuSet(), int(cell.memory or 0)
    rest = initial_memory(vm) - sum(c.memory or 0 for c in numa.cell if c.nodeset)
    if numa.nodeset and numa.mode in STRICT and rest > 0:
        yield ("memory", "size"), numa.nodeset, rest


def _is_held(vm: Domain) -> bool:
    """Whether its memory cannot be promised twice: huge pages, locked memory."""
    memory = vm.memory
    return memory is not None and bool(memory.hugepages or memory.pages or memory.locked)
