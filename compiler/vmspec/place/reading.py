"""Reads a placement problem from typed objects: what hosts have for guests, and what guests need of them.

Guests whose text says their host are part of it: those that say their CPUs take them away beforehand, the rest float on their host.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from vmspec.lower.cores import core_of
from vmspec.lower.fleet import Fleet, HostObject, Vm
from vmspec.model.devices.hostdev import PciHostdev
from vmspec.model.devices.kinds import pci_text
from vmspec.model.domain import Domain
from vmspec.model.guest_memory import cells, qemu_memory, total_memory
from vmspec.model.guest_pages import demands, page_size
from vmspec.model.placement import HostPlacement
from vmspec.model.value import CpuSet, ObjectRef
from vmspec.place.problem import Assignment, Guest, Machine, Node, Offer, Part, Policy, Problem, Want

MIB = 1 << 20
WHOLE = 100_000
"""100%, in thousandths of one percent."""


def problem_of(fleet: Fleet, chosen: frozenset[str], known: Mapping[str, HostPlacement]) -> Problem:
    """The problem of a fleet. `chosen`: the VMs whose hosts are to be found; `known`: where the lock has VMs."""
    fixed = [vm for vm in fleet.vms if vm.name not in chosen and vm.host is not None]
    open_ = [vm for vm in fleet.vms if vm.name in chosen]
    machines = tuple(machine_of(host, fixed, open_) for host in fleet.hosts if host.spec.numa)
    names = frozenset(machine.name for machine in machines)
    floating = [vm for vm in fixed if vm.host in names and not _own(vm.spec)]
    guests = (*(guest_of(vm, frozenset((vm.host or "",))) for vm in floating), *(guest_of(vm, _allowed(vm)) for vm in open_))
    local = {guest.name for guest in guests if guest.local}
    kept = {
        vm.name: Assignment(placement.host, placement.nodes if vm.name in local else ())
        for vm in open_
        for placement in [known.get(vm.name)]
        if placement is not None
    }
    return Problem(machines, guests, (), kept)


def _allowed(vm: Vm) -> frozenset[str] | None:
    place = vm.spec.place
    return frozenset(each.name for each in place if isinstance(each, ObjectRef)) if isinstance(place, tuple) else None


# ------------------------------------------------------------------------------------------------------ guests


def guest_of(vm: Vm, hosts: frozenset[str] | None) -> Guest:
    spec = vm.spec
    policy = _policy(spec)
    fixed = hosts is not None and vm.host is not None
    local = not fixed and (policy != "shared" or (spec.numa is not None and bool(spec.numa.local)))
    memory = spec.memory
    return Guest(
        vm.name,
        tuple(_parts(spec, local)),
        "shared" if fixed else policy,
        local,
        -(-qemu_memory(spec) // MIB),
        memory is not None and bool(memory.hugepages or memory.pages or memory.locked),
        tuple(_wants(spec)),
        hosts,
    )


def _policy(spec: Domain) -> Policy:
    cpu = spec.cpu
    if cpu is None or not (cpu.isolate or cpu.thread_policy):
        return "shared"
    match cpu.thread_policy:
        case "isolate":
            return "isolate"
        case "prefer":
            return "prefer"
        case _:
            return "require"


def _parts(spec: Domain, local: bool) -> Iterator[Part]:
    own = cells(spec) if local else ()
    sizes = {demand.size for demand in demands(spec)}
    page = max(sizes, default=0) // MIB
    if not own:
        yield Part(_vcpus(spec), -(-total_memory(spec) // MIB), page)
    for cell in own:
        yield Part(len(cell.cpus or ()), -(-int(cell.memory or 0) // MIB), page)


def _vcpus(spec: Domain) -> int:
    return 1 if spec.cpu is None else spec.cpu.max or spec.cpu.count or 1


def _wants(spec: Domain) -> Iterator[Want]:
    """Devices by their address, which is one on each host, and bridges."""
    for device in spec.hostdev:
        if isinstance(device.source, PciHostdev) and (address := pci_text(vars(device.source))) is not None:
            yield Want(f"device {address}", 1, "strict")
    bridges = (vars(card.source).get("bridge") for card in spec.interface if card.source is not None and card.source.tag == "bridge")
    yield from (Want(f"bridge {name}", 0, "soft") for name in dict.fromkeys(bridges) if isinstance(name, str))


def _own(spec: Domain) -> CpuSet:
    """The CPUs that a guest which says them itself has for itself."""
    pinned = CpuSet().union(vcpu.pin for vcpu in spec.vcpu if vcpu.pin is not None)
    said = spec.cpu.pin if spec.cpu is not None and spec.cpu.pin is not None else CpuSet()
    return pinned | CpuSet(said.bits)


# ------------------------------------------------------------------------------------------------------- hosts


class _Taken(NamedTuple):
    """What guests with CPUs of their own take of a host beforehand."""

    cpus: CpuSet
    memory: Mapping[int, int]
    """MiB by node."""


def machine_of(host: HostObject, fixed: Iterable[Vm], open_: Iterable[Vm]) -> Machine:
    spec = host.spec
    here = [vm for vm in fixed if vm.host == host.name]
    taken = _taken(host, here)
    kept = spec.reserve.cpus if spec.reserve is not None and spec.reserve.cpus is not None else CpuSet()
    coming = [vm for vm in open_ if host.name in (_allowed(vm) or (host.name,))]
    polling = CpuSet().union(
        vm.spec.host.switch.cpus
        for vm in (*here, *coming)
        if vm.spec.host is not None and vm.spec.host.switch is not None and vm.spec.host.switch.cpus
    )
    if spec.switch is not None and spec.switch.cpus:
        polling |= spec.switch.cpus
    away = kept | polling | taken.cpus
    nodes = tuple(_node(host, int(node.label), away, taken) for node in spec.numa if node.label.isdigit())
    reserve = int((spec.reserve.memory or 0) if spec.reserve is not None else 0)
    whole = sum(int(node.memory or 0) for node in spec.numa)
    headroom = int(spec.reserve.headroom or 0) if spec.reserve is not None else 0
    over = spec.overcommit
    promise = WHOLE - headroom
    return Machine(
        host.name,
        nodes,
        (whole - reserve) // MIB - sum(taken.memory.values()),
        (int(over.cpu) * promise, WHOLE * WHOLE) if over is not None and over.cpu else (promise, WHOLE),
        (int(over.memory) * promise, WHOLE * WHOLE) if over is not None and over.memory else (promise, WHOLE),
        {},
        dict(_offers(host, here)),
    )


def _node(host: HostObject, number: int, away: CpuSet, taken: _Taken) -> Node:
    node = next(each for each in host.spec.numa if each.label == str(number))
    cpus = node.cpus or CpuSet()
    reserve = host.spec.reserve
    keeps = cpus & reserve.cpus if reserve is not None and reserve.cpus is not None else CpuSet()
    groups = host.spec.siblings or ()
    cores = dict.fromkeys(core_of(cpu, groups) for cpu in cpus)
    # CPU 0 cannot be isolated, and somebody has to do the host's own work.
    whole = [core for core in cores if not core & away and 0 not in core]
    if not keeps:
        whole = whole if any(0 in core for core in cores) else whole[1:]
    pages = {page_size(key): count for key, count in node.hugepages.items() if isinstance(count, int)}
    spare = sum((page_size(key) or 0) * count for key, count in node.spare.items() if isinstance(count, int))
    least = {size // MIB: count for size, count in pages.items() if size and count}
    memory = (int(node.memory or 0) - spare) // MIB - taken.memory.get(number, 0) - sum(size * count for size, count in least.items())
    free = cpus - away
    house = keeps or CpuSet.of(cpu for core in cores if core not in whole and not core & taken.cpus for cpu in core) or free
    return Node(number, tuple(tuple(core) for core in whole), len(free), max(memory, 0), least, tuple(house), tuple(free))


def _taken(host: HostObject, here: Iterable[Vm]) -> _Taken:
    cpus, memory = CpuSet(), dict[int, int]()
    groups = host.spec.siblings or ()
    for vm in here:
        own = _own(vm.spec)
        if not own:
            continue
        for cpu in own:
            cpus |= core_of(cpu, groups)
        nodes = [int(node.label) for node in host.spec.numa if node.cpus and node.cpus & own]
        size = -(-(total_memory(vm.spec) + qemu_memory(vm.spec)) // MIB)
        for node in nodes:
            memory[node] = memory.get(node, 0) + -(-size // len(nodes))
    return _Taken(cpus, memory)


def _offers(host: HostObject, here: Iterable[Vm]) -> Iterator[tuple[str, Offer]]:
    cards = {nic.label: nic.node for nic in host.spec.nic}
    for bridge in host.spec.bridge:
        yield f"bridge {bridge.label}", Offer(None, cards.get(str(bridge.uplink)) if bridge.uplink else None)
    used = {want.token for vm in here if _own(vm.spec) for want in _wants(vm.spec)}
    for device in host.spec.device:
        token = f"device {device.address}"
        if device.address is not None and token not in used:
            yield token, Offer(1, device.node)
