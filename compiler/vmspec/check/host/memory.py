"""Memory and huge pages of the host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path
from vmspec.check.queries.cpus import pins
from vmspec.check.queries.hosts import nodes, nodes_of, severity
from vmspec.check.queries.pages import is_pooled, pages_by_hand, pooled_memory, pools
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.domain import Domain
from vmspec.model.guest_memory import initial_memory, qemu_memory, total_memory
from vmspec.model.guest_pages import STRICT, PageDemand, demands, page_size
from vmspec.model.value import CpuSet, Size, show_quantity


@rule(5003, "memory-short", phase=Phase.FLEET, needs="memory numa")
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
    demands_ = [_Demand(vm, 0 if is_pooled(vm.spec, there) else total_memory(vm.spec), qemu_memory(vm.spec)) for vm in vms]
    pages = sum(pooled_memory(host).values())
    if not have or not demands_ or pages >= have:  # pages beyond the memory are 5022's
        return
    reserve, overcommit = host.spec.reserve, host.spec.overcommit
    kept = pages + ((reserve.memory or 0) if reserve is not None else 0)
    if pages and kept > have:
        return
    ratio = overcommit.memory if overcommit is not None and overcommit.memory else WHOLE
    headroom = reserve.headroom if reserve is not None else None
    held = sum(each.guest for each in demands_ if _is_held(each.vm.spec)) + sum(each.qemu for each in demands_)
    want = sum(each.guest + each.qemu for each in demands_)
    shared = max(have - kept - held, 0)
    room = min(held, max(have - kept, 0)) + shared * (WHOLE - (headroom or 0)) // WHOLE * ratio // WHOLE
    if want <= room:
        yield from _of_nodes(host, demands_, ratio)
    else:
        last = max(demands_, key=lambda each: each.guest + each.qemu).vm
        free = f", {show_quantity(headroom)} kept free" if headroom else ""
        without = " beside its huge pages" if there else ""
        yield Finding(
            ("memory", "size"),
            f"the VMs of {host.name} take {_about(want)} together{without}, {_about(sum(each.qemu for each in demands_))} of it for QEMU "
            f"itself, and it has room for {_about(room)}{free}",
            others=(
                (host, ("reserve", "headroom") if headroom else ("numa",), "kept free here" if headroom else "its memory"),
                *((vm, ("memory", "size"), _about(guest + qemu)) for vm, guest, qemu in demands_[:5] if vm is not last),
            ),
            help="place some elsewhere, or allow it with overcommit.memory",
            of=last,
        )


WHOLE = 100_000
"""100%, in thousandths of one percent."""


class _Demand(NamedTuple):
    """What a guest takes beside the pools: its memory, and QEMU's own."""

    vm: Vm
    guest: int
    qemu: int


def _about(size: int) -> str:
    """To the MiB: QEMU's own memory is no exact number."""
    return show_quantity(Size(size >> 20 << 20))


def _of_nodes(host: HostObject, vms: list[_Demand], ratio: int) -> Iterator[Finding]:
    """Memory that may come from some nodes only, against what these have beside their huge pages."""
    taken = pooled_memory(host)
    memory = {number: node.memory and max(node.memory - taken.get(number, 0), 0) for number, node in nodes(host).items()}
    bound = [(each.vm, *part) for each in vms for part in _bound(each)]
    for where in dict.fromkeys(nodeset for _, _, nodeset, _ in bound):
        have = [memory.get(number) for number in where]
        if 0 in have:  # all of it is huge pages: 5022
            continue
        inside = [each for each in bound if not each[2] - where]
        want = sum(size if _is_held(vm.spec) else size * WHOLE // ratio for vm, _, _, size in inside)
        room = sum(size or 0 for size in have)
        if None not in have and want > room:
            vm, path = inside[-1][:2]
            them = "the guests bound to it" if len(inside) > 1 else vm.name
            beside = " beside its huge pages" if any(taken.get(number) for number in where) else ""
            yield Finding(
                path,
                f"node {where} of {host.name} has {_about(room)}{beside}, and {them} want{'s' * (len(inside) == 1)} "
                f"{_about(want)} from there and from nowhere else",
                others=(
                    (host, ("numa", str(next(iter(where))), "memory"), "its memory"),
                    *((other, at, _about(some)) for other, at, _, some in inside[:5] if (other, at) != (vm, path)),
                ),
                help="bind less to the node, spread the guest over cells, or set mode = preferred",
                of=vm,
            )
            return


def _bound(demand: _Demand) -> Iterator[tuple[Path, CpuSet, int]]:
    """Memory that comes from these nodes or not at all: where its size is said, the nodes, bytes. QEMU's own is bound with the guest's."""
    numa = demand.vm.spec.numa
    if numa is None:
        return
    for cell in numa.cell if demand.guest else ():
        if cell.nodeset and cell.memory and cell.mode in STRICT:
            yield ("numa", "cell", cell.label, "memory"), cell.nodeset, int(cell.memory)
    rest = initial_memory(demand.vm.spec) - sum(c.memory or 0 for c in numa.cell if c.nodeset) if demand.guest else 0
    if numa.nodeset and numa.mode in STRICT:
        yield ("memory", "size"), numa.nodeset, max(rest, 0) + demand.qemu


def _is_held(vm: Domain) -> bool:
    """Whether its memory cannot be promised twice: huge pages, locked memory."""
    memory = vm.memory
    return memory is not None and bool(memory.hugepages or memory.pages or memory.locked)


@rule(5004, "hugepages-short", phase=Phase.FLEET, needs="memory")
def hugepages_short(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: The VMs of a host ask for more huge pages of a size than its nodes reserve; bound VMs of their nodes. What guests take is
    reserved for them; guests with `resolve = false` take what the host says by itself.
    Why: The last guest does not start ("unable to map backing store for guest RAM: Cannot allocate memory", QEMU 7.2); libvirt checks at
    start only.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB; hugepages { 1GiB = 2 } } }
        vm a { resolve = false; type = kvm; place = host(n1); cpu.count = 1; memory { size = 4GiB; hugepages = 1GiB } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB; hugepages { 1GiB = 2 } } }
        vm a { place = host(n1); cpu.count = 1; memory { size = 4GiB; hugepages = 1GiB } }
    """
    there = pools(host)
    asking = [(vm, demand) for vm in vms for demand in demands(vm.spec)]
    if not there and (by_hand := pages_by_hand(host)) is not None:
        yield from _short_by_hand(host, asking, *by_hand)
    for size, of_nodes in sorted(there.items()):
        group = [each for each in asking if each[1].size == size]
        if group and sum(each[1].pages for each in group) > sum(of_nodes.values()):
            yield _finding(host, size, None, group, of_nodes)
            continue
        for where in dict.fromkeys(demand.where for _, demand in group if demand.where is not None):
            inside = [each for each in group if each[1].where is not None and not each[1].where - where]
            have = {number: of_nodes.get(number, 0) for number in where}
            if not where - CpuSet.of(nodes(host)) and sum(each[1].pages for each in inside) > sum(have.values()):
                yield _finding(host, size, where, inside, have)
                break


def _short_by_hand(host: HostObject, asking: list[tuple[Vm, PageDemand]], at: Path, have: Mapping[int, int]) -> Iterator[Finding]:
    for size in sorted({demand.size for _, demand in asking}):
        group = [each for each in asking if each[1].size == size]
        want = sum(demand.pages for _, demand in group)
        if want > have.get(size, 0):
            vm, demand = group[-1]
            yield Finding(
                demand.bound,
                f"the VMs of {host.name} want {want} pages of {show_quantity(Size(size))}, and it reserves {have.get(size, 0)}",
                others=((host, at, "reserved here"),),
                help=f"leave {at[-1]} out: the pages then follow from the guests",
                of=vm,
            )


def _finding(host: HostObject, size: int, where: CpuSet | None, asking: list[tuple[Vm, PageDemand]], have: Mapping[int, int]) -> Finding:
    """`where`: the nodes that are short; None: all together."""
    want, room = sum(demand.pages for _, demand in asking), sum(have.values())
    last, own = asking[-1]
    several = len({vm.name for vm, _ in asking}) > 1
    who = last.name if not several else f"the VMs of {host.name}" if where is None else "the VMs that are bound to it"
    whose = host.name if where is None else f"node {where} of {host.name}"
    key = next((k for n in host.spec.numa if int(n.label) in have for k in n.hugepages if page_size(k) == size), None)
    node = next(iter(have), 0)
    pool: Path = ("numa", str(node), "hugepages", key) if key is not None and key in nodes(host)[node].hugepages else ("numa", str(node))
    return Finding(
        own.bound,
        f"{who} want{'' if several else 's'} {want} pages of {show_quantity(Size(size))}, and {whose} reserves {room}",
        others=(
            (host, pool, f"{have.get(node, 0)} reserved here"),
            *((vm, demand.bound, f"{demand.pages} pages") for vm, demand in asking[:5] if (vm, demand) != (last, own)),
        ),
        help="reserve more there, bind fewer guests to it, or spread one over cells" if where is not None else None,
        of=last,
    )


@rule(5011, "memory-apart-from-cpus", phase=Phase.FLEET, severity=Severity.WARNING, needs="numa vcpu cpu")
def memory_apart_from_cpus(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A VM's vCPUs, or those of one of its cells, run on one node of the host, and its memory is bound to another. An error where the
    guest counts on its CPUs being its own (`cpu.isolate`, which low-latency sets).
    Why: Every access of the guest crosses the interconnect. libvirt accepts it.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; numa 1 { cpus = 4-7; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; cpuset = 4-7 }; numa { mode = strict; nodeset = 0 } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; numa 1 { cpus = 4-7; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; cpuset = 4-7 }; numa { mode = strict; nodeset = 1 } }
    """
    for vm in vms:
        for path, who, vcpus, nodeset in _bound_nodes(vm.spec):
            own = nodes_of(host, _where(vm.spec, vcpus))
            if own and not own & nodeset and nodeset & CpuSet.of(nodes(host)):  # a node that there is not is 5002's
                yield Finding(
                    path,
                    f"{who.format(vm.name)} runs on node {own} of {host.name}, and its memory is on node {nodeset}",
                    severity=severity(vm.spec),
                    of=vm,
                )


def _bound_nodes(vm: Domain) -> Iterator[tuple[Path, str, CpuSet | None, CpuSet]]:
    """What is bound to nodes: where that is said, its name, its vCPUs (None: all), the nodes."""
    numa = vm.numa
    if numa is None:
        return
    for cell in numa.cell:
        if cell.nodeset and cell.cpus and cell.mode != "preferred":
            yield ("numa", "cell", cell.label, "nodeset"), f"cell {cell.label} of {{}}", cell.cpus, cell.nodeset
    if numa.nodeset and numa.mode != "preferred" and not any(cell.nodeset for cell in numa.cell):
        yield ("numa", "nodeset"), "{}", None, numa.nodeset


def _where(vm: Domain, vcpus: CpuSet | None) -> CpuSet:
    """The CPUs that these vCPUs run on: by their pins, or else by `cpu.cpuset`."""
    found = CpuSet().union(cpus for number, cpus in pins(vm).items() if vcpus is None or number in vcpus)
    return found or (vm.cpu.cpuset if vm.cpu is not None and vm.cpu.cpuset is not None else CpuSet())


@rule(5022, "hugepages-exceed-node", phase=Phase.FLEET, needs="numa")
def hugepages_exceed_node(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: The huge pages of a node, those of its guests among them, are more than its memory, or those of all nodes leave less than the
    host keeps for itself (`reserve.memory`).
    Why: The kernel reserves what it can and logs the rest ("HugeTLB: allocating N of page size … failed", mm/hugetlb.c); guests then do not
    start.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 4GiB; hugepages { 1GiB = 8 } } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB; hugepages { 1GiB = 8 } } }
    """
    taken = pooled_memory(host)
    full = False
    for node in host.spec.numa:
        want = taken.get(int(node.label), 0) if node.label.isdigit() else 0
        if node.memory and want >= node.memory:
            full = True
            yield Finding(
                _pools_of(host, node.label),
                f"huge pages of {show_quantity(Size(want))} do not fit node {node.label} of {host.name} with {show_quantity(node.memory)}",
                labels=((("numa", node.label, "memory"), "its memory"),),
                others=tuple(_takers(vms, int(node.label))),
                of=host,
            )
    kept = host.spec.reserve.memory if host.spec.reserve is not None else None
    have, pages = sum(node.memory or 0 for node in host.spec.numa), sum(taken.values())
    if kept and have and pages and not full and pages + kept > have:
        yield Finding(
            ("reserve", "memory"),
            f"{host.name} keeps {show_quantity(kept)} for itself, and its huge pages leave {show_quantity(Size(have - pages))} of "
            f"{show_quantity(Size(have))}",
            labels=tuple((_pools_of(host, node.label), "reserved here") for node in host.spec.numa if taken.get(int(node.label))),
            of=host,
        )


def _pools_of(host: HostObject, node: str) -> Path:
    """The largest pool of a node, by its place."""
    pools_ = nodes(host)[int(node)].hugepages
    key = max(pools_, key=lambda key: (page_size(key) or 0) * (count if isinstance(count := pools_[key], int) else 0), default="")
    return ("numa", node, "hugepages", key)


def _takers(vms: tuple[Vm, ...], node: int) -> list[tuple[Vm, Path, str]]:
    """The guests that take pages of a node and of no other."""
    asking = [(vm, demand) for vm in vms for demand in demands(vm.spec) if demand.where is not None and demand.where == CpuSet.of((node,))]
    return [(vm, demand.memory, f"{demand.pages} pages of {show_quantity(Size(demand.size))}") for vm, demand in asking[:5]]


@rule(5023, "nodes-overlap", phase=Phase.FLEET, needs="numa")
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
