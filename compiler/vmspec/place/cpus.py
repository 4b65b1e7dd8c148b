"""Deals the cores of nodes out to the guests that were placed there: concrete CPUs for each vCPU, for emulators and for what floats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vmspec.model.placement import HostPlacement
from vmspec.model.value import CpuSet
from vmspec.place.problem import Assignment, Guest, Machine, Node, Problem


def deal(problem: Problem, seats: Mapping[str, Assignment], known: Mapping[str, HostPlacement]) -> dict[str, HostPlacement]:
    """The placement of each guest. Guests that stay on their nodes keep their CPUs, unless that leaves too few whole cores for others;
    then all of that host are dealt out anew."""
    found: dict[str, HostPlacement] = {}
    for machine in problem.machines:
        here = [guest for guest in problem.guests if guest.name in seats and seats[guest.name].host == machine.name]
        dealt = _dealt(machine, here, seats, known)
        if dealt is None:
            dealt = _dealt(machine, here, seats, {})
        assert dealt is not None, machine.name
        taken = CpuSet().union(cpus for pins in dealt.values() for cpus in pins)
        for guest in here:
            found[guest.name] = _placement(machine, guest, seats[guest.name], dealt.get(guest.name, ()), taken)
    return {guest.name: found[guest.name] for guest in problem.guests if guest.name in found}


def _placement(machine: Machine, guest: Guest, seat: Assignment, pins: tuple[CpuSet, ...], taken: CpuSet) -> HostPlacement:
    nodes = [node for node in machine.nodes if node.number in seat.nodes]
    if guest.policy != "shared":
        house = CpuSet.of(cpu for node in nodes for cpu in node.housekeeping)
        house = house - taken or CpuSet.of(cpu for node in machine.nodes for cpu in node.housekeeping) - taken
        return HostPlacement(machine.name, seat.nodes, pins, None, house or None)
    free = CpuSet.of(cpu for node in nodes for cpu in node.floating) - taken
    return HostPlacement(machine.name, seat.nodes, (), free or None)


def _dealt(
    machine: Machine, here: Iterable[Guest], seats: Mapping[str, Assignment], known: Mapping[str, HostPlacement]
) -> dict[str, tuple[CpuSet, ...]] | None:
    """CPUs by guest; None where whole cores do not suffice for those that need them."""
    own = [guest for guest in here if guest.policy != "shared"]
    free = {node.number: [list(core) for core in node.cores] for node in machine.nodes}
    found: dict[str, tuple[CpuSet, ...]] = {}
    for guest in own:
        before = known.get(guest.name)
        if before is not None and (before.host, before.nodes) == (machine.name, seats[guest.name].nodes) and _keep(guest, before, free):
            found[guest.name] = before.pins
    # Whole cores first: single threads fit into what they leave.
    for guest in sorted(own, key=lambda guest: (guest.policy == "prefer", -guest.vcpus, guest.name)):
        if guest.name in found:
            continue
        pins: list[CpuSet] = []
        for part, number in zip(guest.parts, seats[guest.name].nodes, strict=True):
            some = _take(guest, part.vcpus, free[number], _threads(machine, number))
            if some is None:
                return None
            pins += some
        found[guest.name] = tuple(pins)
    return found


def _threads(machine: Machine, number: int) -> int:
    node: Node = next(node for node in machine.nodes if node.number == number)
    return node.threads


def _keep(guest: Guest, before: HostPlacement, free: dict[int, list[list[int]]]) -> bool:
    """Take the CPUs of before again, if they are free, as many as needed, and still as its policy wants them."""
    cpus = [next(iter(each)) for each in before.pins if len(each) == 1]
    cores = [core for number in before.nodes for core in free.get(number, ()) if set(core) & set(cpus)]
    if len(cpus) != guest.vcpus or not set(cpus) <= {cpu for core in cores for cpu in core}:
        return False
    if guest.policy == "isolate" and len(cores) != len(cpus):
        return False
    for core in cores:
        core[:] = [] if guest.policy != "prefer" or guest.tenant else [cpu for cpu in core if cpu not in cpus]
    return True


def _take(guest: Guest, vcpus: int, cores: list[list[int]], threads: int) -> list[CpuSet] | None:
    if guest.policy == "prefer" and not guest.tenant:
        return _prefer(vcpus, cores, threads)
    whole = [core for core in cores if len(core) >= threads]
    each = 1 if guest.policy == "isolate" else threads
    count = -(-vcpus // each)
    if len(whole) < count:
        return None
    cpus = [cpu for core in whole[:count] for cpu in core[:each]][:vcpus]
    for core in whole[:count]:
        core.clear()
    return [CpuSet.of((cpu,)) for cpu in cpus]


def _prefer(vcpus: int, cores: list[list[int]], threads: int) -> list[CpuSet] | None:
    """Whole cores for whole cores of the guest, and for the rest threads that others have left over."""
    found: list[int] = []
    for core in cores:
        if len(core) >= threads and vcpus - len(found) >= threads:
            found += core[:threads]
            del core[:threads]
    for core in sorted((core for core in cores if core), key=len):
        while core and len(found) < vcpus:
            found.append(core.pop(0))
    return [CpuSet.of((cpu,)) for cpu in found] if len(found) == vcpus else None
