"""Judges a solution by the problem alone, from the beginning: the solvers' words count for nothing here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from vmspec.place.problem import Assignment, Cost, Group, Guest, Machine, Problem, taken
from vmspec.place.relations import places as domains_of


def violations(problem: Problem, seats: Mapping[str, Assignment]) -> list[str]:
    """What is wrong with these seats; a guest without one is not judged."""
    machines = {machine.name: machine for machine in problem.machines}
    on: dict[str, list[tuple[Guest, Assignment]]] = defaultdict(list)
    found: list[str] = []
    for guest in problem.guests:
        seat = seats.get(guest.name)
        if seat is None:
            continue
        if seat.host not in machines:
            found.append(f"{guest.name}: no host {seat.host}")
            continue
        if guest.hosts is not None and seat.host not in guest.hosts:
            found.append(f"{guest.name}: not allowed on {seat.host}")
        on[seat.host].append((guest, seat))
        found += _seat(guest, seat, machines[seat.host])
    for name, guests in on.items():
        found += _machine(machines[name], guests)
    found += [
        f"group {group.name}" for group in problem.groups if group.strict and not holds(group, {m.name: m for m in problem.machines}, seats)
    ]
    return found


def _seat(guest: Guest, seat: Assignment, machine: Machine) -> Iterator[str]:
    numbers = {node.number for node in machine.nodes}
    if guest.local != bool(seat.nodes) or (guest.local and len(seat.nodes) != len(guest.parts)):
        yield f"{guest.name}: parts without nodes"
    if len(set(seat.nodes)) != len(seat.nodes) or not set(seat.nodes) <= numbers:
        yield f"{guest.name}: nodes {seat.nodes}"
    for want in guest.wants:
        offer = machine.offers.get(want.token)
        if offer is None:
            yield f"{guest.name}: {seat.host} has no {want.token}"
        elif want.near == "strict" and guest.local and offer.node is not None and offer.node not in seat.nodes:
            yield f"{guest.name}: far from {want.token}"


def _machine(machine: Machine, guests: list[tuple[Guest, Assignment]]) -> Iterator[str]:
    yield from _cpus(machine, guests)
    yield from _memory(machine, guests)
    used: dict[str, int] = defaultdict(int)
    owners: dict[str, set[str]] = defaultdict(set)
    for guest, _ in guests:
        for want in guest.wants:
            used[want.token] += want.amount
        for token in guest.private:
            owners[token].add(guest.tenant)
    for token, amount in used.items():
        offer = machine.offers.get(token)
        if offer is not None and offer.amount is not None and amount > offer.amount:
            yield f"{machine.name}: {token}"
    yield from (f"{machine.name}: tenants share {token}" for token, who in owners.items() if len(who) > 1)


def _cpus(machine: Machine, guests: list[tuple[Guest, Assignment]]) -> Iterator[str]:
    up, down = machine.cpu_ratio
    own_of_all, floating_of_all = 0, 0
    for node in machine.nodes:
        own, floating = 0, 0
        for guest, seat in guests:
            for part, number in zip(guest.parts, seat.nodes, strict=False):
                if number == node.number:
                    own += taken(guest.policy, part.vcpus, node.threads, bool(guest.tenant))
                    floating += part.vcpus if guest.policy == "shared" else 0
        if own > node.dedicated:
            yield f"{machine.name}: CPUs of node {node.number}"
        if floating and floating * down > (node.cpus - own) * up:
            yield f"{machine.name}: floating CPUs of node {node.number}"
        own_of_all += own
    floating_of_all = sum(guest.vcpus for guest, _ in guests if guest.policy == "shared")
    if floating_of_all and floating_of_all * down > (sum(node.cpus for node in machine.nodes) - own_of_all) * up:
        yield f"{machine.name}: floating CPUs"


def _memory(machine: Machine, guests: list[tuple[Guest, Assignment]]) -> Iterator[str]:
    up, down = machine.memory_ratio
    held, soft = 0, 0
    pages: dict[tuple[int, int], int] = defaultdict(int)
    pooled: dict[int, int] = defaultdict(int)
    plain: dict[int, int] = defaultdict(int)
    for guest, seat in guests:
        held += guest.overhead
        for index, part in enumerate(guest.parts):
            size = pages_of(part.memory, part.page) * part.page if part.page else part.memory
            held += size if guest.held and not part.page else 0
            soft += 0 if guest.held or part.page else size
            pooled[part.page] += size
            if seat.nodes:
                number = seat.nodes[index]
                plain[number] += guest.overhead if index == 0 else 0
                if part.page:
                    pages[number, part.page] += pages_of(part.memory, part.page)
                else:
                    plain[number] += size
    for node in machine.nodes:
        more = sum(max(count - node.pages.get(size, 0), 0) * size for (number, size), count in pages.items() if number == node.number)
        if plain[node.number] + more > node.memory:
            yield f"{machine.name}: memory of node {node.number}"
    reserved: dict[int, int] = defaultdict(int)
    for node in machine.nodes:
        for size, count in node.pages.items():
            reserved[size] += count * size
    held += sum(max(size, reserved[page]) for page, size in pooled.items() if page)
    held += sum(size for page, size in reserved.items() if page not in pooled)
    if held > machine.memory or held * up + soft * down > machine.memory * up:
        yield f"{machine.name}: memory"


def pages_of(memory: int, page: int) -> int:
    return -(-memory // page)


def holds(group: Group, machines: Mapping[str, Machine], seats: Mapping[str, Assignment]) -> bool:
    """Whether a relation holds among the members that have a seat."""
    places = [
        place for name in group.members if name in seats for place in [domains_of(group, machines[seats[name].host], seats[name].nodes)]
    ]
    match group.relation:
        case "apart":
            flat = [each for place in places for each in place]
            return len(flat) == len(set(flat))
        case "together":
            return len({frozenset(place) for place in places}) <= 1
        case "spread":
            count = {domain: 0 for machine in machines.values() for domain in [machine.domain(group.domain)] if domain is not None}
            for place in places:
                for domain in place[:1]:
                    count[domain] = count.get(domain, 0) + 1
            return max(count.values(), default=0) - min(count.values(), default=0) <= 1


def cost(problem: Problem, seats: Mapping[str, Assignment]) -> Cost:
    machines = {machine.name: machine for machine in problem.machines}
    return Cost(
        moves=sum(1 for name, seat in problem.kept.items() if name in seats and seats[name] != seat),
        broken=sum(1 for group in problem.groups if not group.strict and not holds(group, machines, seats)),
        hosts=len({seat.host for seat in seats.values()}),
        far=sum(_far(guest, seats[guest.name], machines) for guest in problem.guests if guest.name in seats),
    )


def _far(guest: Guest, seat: Assignment, machines: Mapping[str, Machine]) -> int:
    if not guest.local:
        return 0
    offers = machines[seat.host].offers
    near = (offers[want.token].node for want in guest.wants if want.near == "soft" and want.token in offers)
    return sum(1 for node in near if node is not None and node not in seat.nodes)
