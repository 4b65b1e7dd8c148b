"""Best fit by dot product: quick, and never proof that nothing fits.

To pack, hosts are filled one after the other, each with the guests whose demand points the way that its free room does (Panigrahy et al.,
"Heuristics for Vector Bin Packing", 2011: FFDDot, host by host); to spread, the largest guest goes where most is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import isqrt

from vmspec.place.filling import Filling
from vmspec.place.problem import Assignment, Guest, Machine, Problem
from vmspec.place.relations import Relations
from vmspec.place.verify import cost

WEIGHTS = ((1, 1, False), (1, 3, False), (3, 1, False), (1, 1, True), (1, 2, True), (2, 1, True))
"""Of CPUs and of memory; and whether only the direction of a demand counts, or its size too."""
ONE = 1 << 20
"""The whole of something, in the whole numbers that scores are made of."""


class PartialPlacement:
    """All hosts while they are being filled."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.fillings = [Filling(machine) for machine in problem.machines]
        self.by_name = {filling.machine.name: filling for filling in self.fillings}
        self.relations = Relations(problem)
        self.guests = {guest.name: guest for guest in problem.guests}
        self.seats: dict[str, tuple[Filling, tuple[int, ...]]] = {}

    def put(self, guest: Guest, filling: Filling, nodes: tuple[int, ...]) -> None:
        filling.put(guest, nodes)
        self.relations.put(guest.name, filling.machine, _numbers(filling, nodes))
        self.seats[guest.name] = (filling, nodes)

    def take(self, name: str) -> tuple[Filling, tuple[int, ...]]:
        filling, nodes = self.seats.pop(name)
        filling.put(self.guests[name], nodes, -1)
        self.relations.put(name, filling.machine, _numbers(filling, nodes), -1)
        return filling, nodes

    def choices(self, guest: Guest, filling: Filling) -> Iterator[tuple[int, ...]]:
        """The nodes of a host on which a guest fits, with regard to all strict relations."""
        for nodes in filling.seats(guest):
            if self.relations.allows(guest.name, filling.machine, _numbers(filling, nodes)):
                yield nodes

    def keep(self) -> list[Guest]:
        """Put the guests that have a seat already, in the order of the problem; the rest, those that no longer fit among them."""
        rest = []
        for guest in self.problem.guests:
            seat = self.problem.kept.get(guest.name)
            filling = self.by_name.get(seat.host) if seat is not None else None
            nodes = _indexes(filling, seat) if filling is not None and seat is not None else None
            if filling is None or nodes is None or nodes not in set(self.choices(guest, filling)):
                rest.append(guest)
            else:
                self.put(guest, filling, nodes)
        return rest

    def best(self, guest: Guest, filling: Filling, node: int = -1) -> tuple[int, ...] | None:
        """The nodes to take: few broken wishes first, then the one that is named, the fullest ones, or to spread the emptiest."""
        found, least = None, None
        for nodes in self.choices(guest, filling):
            numbers = _numbers(filling, nodes)
            left = min((free(filling, i) for i in nodes), default=0)
            score = (
                self.relations.broken(guest.name, filling.machine, numbers),
                _far(guest, filling.machine, numbers),
                node not in nodes,
                -left if self.problem.spread else left,
                nodes,
            )
            if least is None or score < least:
                found, least = nodes, score
        return found

    def solution(self) -> dict[str, Assignment]:
        return {
            guest.name: filling.seat(nodes)
            for guest in self.problem.guests
            if guest.name in self.seats
            for filling, nodes in [self.seats[guest.name]]
        }


def fill(problem: Problem) -> dict[str, Assignment]:
    """Seats for as many guests as are found one: the best of a few ways to weigh memory against CPUs."""
    if problem.spread or problem.kept:
        return _filled(problem, WEIGHTS[0])
    best, least = None, None
    for weights in WEIGHTS:
        seats = _filled(problem, weights)
        key = (len(problem.guests) - len(seats), *cost(problem, seats).key)
        if least is None or key < least:
            best, least = seats, key
    return best or {}


def _filled(problem: Problem, weights: tuple[int, int, bool]) -> dict[str, Assignment]:
    fleet = PartialPlacement(problem)
    rest = fleet.keep()
    demand = _Demand(problem, weights)
    if not (problem.spread or problem.kept):
        _host_by_host(fleet, rest, demand)
    _one_by_one(fleet, demand.sorted([guest for guest in rest if guest.name not in fleet.seats]))
    if not (problem.spread or problem.kept):
        _empty(fleet, demand)
    return fleet.solution()


# ---------------------------------------------------------------------------------------------------- scores


class _Demand:
    """Guests as vectors: CPU, memory and all counted things, as parts of what all hosts have."""

    def __init__(self, problem: Problem, weights: tuple[int, int, bool] = (1, 1, False)) -> None:
        tokens: dict[str, int] = {}
        for machine in problem.machines:
            for token, offer in machine.offers.items():
                if offer.amount:
                    tokens[token] = tokens.get(token, 0) + offer.amount
        self.tokens = tokens
        self.cpus = max(sum(sum(node.cpus for node in machine.nodes) for machine in problem.machines), 1)
        self.memory = max(sum(machine.memory for machine in problem.machines), 1)
        self.scale = max(len(problem.machines), 1) * ONE
        self.ratios = [machine.cpu_ratio for machine in problem.machines] or [(1, 1)]
        self.up = sum(up * 1000 // down for up, down in self.ratios) // len(self.ratios) or 1
        memory = [machine.memory_ratio for machine in problem.machines] or [(1, 1)]
        self.memory_up = sum(up * 1000 // down for up, down in memory) // len(memory) or 1
        self.known: dict[tuple[object, ...], tuple[int, ...]] = {}
        whole = [self.of(guest) for guest in problem.guests]
        sums = [sum(part) for part in zip(*whole, strict=True)] if whole else [0] * (2 + len(tokens))
        self.direction = weights[2]
        self.weights = tuple(w * x for w, x in zip((*weights[:2], *[1] * len(tokens)), sums, strict=True))

    def of(self, guest: Guest) -> tuple[int, ...]:
        key = (guest.parts, guest.policy, guest.overhead, guest.held, guest.wants)
        found = self.known.get(key)
        if found is None:
            cpu = guest.vcpus * 1000 // self.up if guest.policy == "shared" else guest.vcpus * (2 if guest.policy == "isolate" else 1)
            size = sum(part.memory for part in guest.parts)
            memory = guest.overhead + (size if guest.held or guest.parts[0].page else size * 1000 // self.memory_up)
            parts = [cpu * self.scale // self.cpus, memory * self.scale // self.memory]
            wanted = {want.token: want.amount for want in guest.wants if want.amount}
            parts += [wanted.get(token, 0) * self.scale // whole for token, whole in self.tokens.items()]
            found = self.known[key] = tuple(parts)
        return found

    def room(self, filling: Filling) -> tuple[int, ...]:
        machine = filling.machine
        up, down = machine.cpu_ratio
        cpus = sum(node.cpus for node in machine.nodes) - filling.own - filling.floating * down // max(up, 1)
        up, down = machine.memory_ratio
        memory = machine.memory - filling.held - filling.soft * down // max(up, 1)
        parts = [max(cpus, 0) * self.scale // self.cpus, max(memory, 0) * self.scale // self.memory]
        for token, whole in self.tokens.items():
            offer = machine.offers.get(token)
            parts.append((offer.amount - filling.used.get(token, 0)) * self.scale // whole if offer is not None and offer.amount else 0)
        return tuple(parts)

    def node_room(self, filling: Filling, index: int, whole: tuple[int, ...]) -> tuple[int, ...]:
        """What is left of one node, as if the host were made of such nodes."""
        load, number = filling.nodes[index], len(filling.nodes)
        up, down = filling.machine.cpu_ratio
        cpus = load.node.dedicated - load.own - load.floating * down // max(up, 1)
        memory = load.node.memory - load.plain - load.more
        parts = (max(cpus, 0) * number * self.scale // self.cpus, max(memory, 0) * number * self.scale // self.memory)
        return (*(min(own, all_) for own, all_ in zip(parts, whole, strict=False)), *whole[2:])

    def sorted(self, guests: Iterable[Guest]) -> list[Guest]:
        """The largest first."""
        return sorted(guests, key=lambda guest: (-max(self.of(guest)), -sum(self.of(guest)), guest.name))

    def score(self, guest: tuple[int, ...], room: tuple[int, ...]) -> int:
        return sum(a * b * w for a, b, w in zip(guest, room, self.weights, strict=True))

    def length(self, guest: tuple[int, ...]) -> int:
        """What a score is divided by."""
        return isqrt(sum(a * a * w for a, w in zip(guest, self.weights, strict=True))) or 1 if self.direction else 1


def free(filling: Filling, index: int) -> int:
    """What is left of a node: the smaller of the parts of its CPUs and of its memory."""
    load = filling.nodes[index]
    up, down = filling.machine.cpu_ratio
    cpus = (load.node.cpus - load.own) * ONE - load.floating * down * ONE // max(up, 1)
    memory = (load.node.memory - load.plain - load.more) * ONE
    return min(cpus // max(load.node.cpus, 1), memory // max(load.node.memory, 1))


def _numbers(filling: Filling, nodes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(filling.nodes[i].node.number for i in nodes)


def _indexes(filling: Filling, seat: Assignment) -> tuple[int, ...] | None:
    index = {load.node.number: i for i, load in enumerate(filling.nodes)}
    return tuple(index[number] for number in seat.nodes) if all(number in index for number in seat.nodes) else None


def _far(guest: Guest, machine: Machine, nodes: tuple[int, ...]) -> int:
    if not guest.local:
        return 0
    near = (machine.offers[want.token].node for want in guest.wants if want.near == "soft" and want.token in machine.offers)
    return sum(1 for node in near if node is not None and node not in nodes)


# --------------------------------------------------------------------------------------------------- methods


def kinds(problem: Problem, guests: Sequence[Guest], relations: Relations) -> list[list[Guest]]:
    """Guests that differ by name only, together."""
    found: dict[tuple[object, ...], list[Guest]] = {}
    for guest in guests:
        found.setdefault((*_shape(guest), tuple(relations.of.get(guest.name, ()))), []).append(guest)
    return list(found.values())


def _shape(g: Guest) -> tuple[object, ...]:
    """All of a guest but its name and its groups."""
    return (g.parts, g.policy, g.local, g.overhead, g.held, g.wants, g.hosts, g.tenant, g.private)


class _Shape:
    """Guests that differ by name and groups only; `at` is the first of them that a host being filled has not refused."""

    def __init__(self, demand: tuple[int, ...], length: int, guests: list[Guest]) -> None:
        self.demand = demand
        self.length = length
        self.guests = guests
        self.on_node = guests[0].local and len(guests[0].parts) == 1
        self.at = 0


def _host_by_host(fleet: PartialPlacement, rest: list[Guest], demand: _Demand) -> None:
    found: dict[tuple[object, ...], list[Guest]] = {}
    for guest in sorted(rest, key=lambda guest: guest.name not in fleet.relations.of):
        found.setdefault(_shape(guest), []).append(guest)
    shapes = [_Shape(own := demand.of(guests[0]), demand.length(own), guests) for guests in found.values()]
    for filling in _order(fleet, demand):
        shapes = [shape for shape in shapes if shape.guests]
        for shape in shapes:
            shape.at = 0
        _fill_one(fleet, filling, list(shapes), demand)


def _order(fleet: PartialPlacement, demand: _Demand) -> list[Filling]:
    """The largest hosts first; before them as many of those with something scarce as the demand for it takes."""
    rooms = {filling.machine.name: demand.room(filling) for filling in fleet.fillings}
    size = {name: sum(a * b for a, b in zip(room[:2], demand.weights, strict=False)) for name, room in rooms.items()}
    largest = sorted(fleet.fillings, key=lambda filling: -size[filling.machine.name])
    first: dict[str, Filling] = {}
    for index in range(2, 2 + len(demand.tokens)):
        there = [filling for filling in largest if rooms[filling.machine.name][index]]
        left = sum(demand.of(guest)[index] for guest in fleet.problem.guests) if len(there) < len(largest) else 0
        for filling in there:
            if left <= 0:
                break
            left -= rooms[filling.machine.name][index]
            first[filling.machine.name] = filling
    return [*first.values(), *(filling for filling in largest if filling.machine.name not in first)]


def _fill_one(fleet: PartialPlacement, filling: Filling, shapes: list[_Shape], demand: _Demand) -> None:
    """Put on a host, again and again, the guest whose demand is most like its free room."""
    while shapes:
        whole = demand.room(filling)
        rooms = [demand.node_room(filling, i, whole) for i in range(len(filling.nodes))]
        best: tuple[int, int, int] | None = None
        for index, shape in enumerate(shapes):
            for node, room in enumerate(rooms) if shape.on_node else ((-1, whole),):
                score = (demand.score(shape.demand, room) // shape.length, -index, -node)
                best = score if best is None or score > best else best
        assert best is not None
        shape, node = shapes[-best[1]], -best[2]
        while shape.at < len(shape.guests) and not _seat(fleet, shape.guests[shape.at], filling, node):
            if not any(True for _ in filling.seats(shape.guests[shape.at])):
                shape.at = len(shape.guests)
            shape.at += 1
        if shape.at < len(shape.guests):
            shape.guests = [guest for guest in shape.guests if guest.name not in fleet.seats] if shape.at else shape.guests[1:]
            shape.guests = [g for g in shape.guests if g.name not in fleet.seats] if fleet.relations.of else shape.guests
        if shape.at >= len(shape.guests):
            shapes.remove(shape)


def _seat(fleet: PartialPlacement, guest: Guest, filling: Filling, node: int = -1) -> bool:
    """Put a guest on a host, with those that have to be there too, or none of them. `node`: the index of the one that suits it best."""
    if guest.name in fleet.seats:
        return True
    nodes = fleet.best(guest, filling, node)
    if nodes is None:
        return False
    fleet.put(guest, filling, nodes)
    done = [guest.name]
    for name in fleet.relations.companions(guest.name):
        if name in fleet.seats:
            continue
        nodes = fleet.best(fleet.guests[name], filling)
        if nodes is None:
            for each in reversed(done):
                fleet.take(each)
            return False
        fleet.put(fleet.guests[name], filling, nodes)
        done.append(name)
    return True


def _one_by_one(fleet: PartialPlacement, guests: Sequence[Guest]) -> None:
    """Each guest on the host with the best score among those that are in use, then among the rest; to spread, where most is left."""
    demand = _Demand(fleet.problem)
    for guest in guests:
        if guest.name in fleet.seats:
            continue
        own = demand.of(guest)

        def rank(filling: Filling, guest: Guest = guest, own: tuple[int, ...] = own) -> tuple[int, ...]:
            room = demand.room(filling)
            if fleet.problem.spread:
                left = [(a - b) * ONE // max(whole, 1) for a, b, whole in zip(room, own, _whole(demand, filling), strict=True) if b]
                return (-min(left, default=0),)
            return (0 if filling.guests else 1, -demand.score(own, room) if not filling.guests else sum(room))

        found = None
        for filling in sorted(fleet.fillings, key=rank):
            nodes = fleet.best(guest, filling)
            if nodes is None:
                continue
            broken = fleet.relations.broken(guest.name, filling.machine, _numbers(filling, nodes))
            far = _far(guest, filling.machine, _numbers(filling, nodes))
            if found is None or (broken, far) < found[0]:
                found = ((broken, far), filling)
            if not (broken or far):
                break
        if found is not None and not _seat(fleet, guest, found[1]):
            for filling in fleet.fillings:
                if _seat(fleet, guest, filling):
                    break


def _whole(demand: _Demand, filling: Filling) -> tuple[int, ...]:
    return demand.room(Filling(filling.machine))


def _empty(fleet: PartialPlacement, demand: _Demand) -> None:
    """Try to empty the hosts that have the least on them."""
    if len(fleet.seats) > 4000:
        return
    for filling in sorted((f for f in fleet.fillings if f.guests), key=lambda f: sum(sum(demand.of(g)) for g, _ in f.guests.values())):
        others = [f for f in fleet.fillings if f.guests and f is not filling]
        moved: list[tuple[str, tuple[int, ...]]] = []
        for guest in demand.sorted([guest for guest, _ in filling.guests.values()]):
            before = fleet.take(guest.name)
            moved.append((guest.name, before[1]))
            for other in sorted(others, key=lambda f: sum(demand.room(f))):
                nodes = fleet.best(guest, other)
                if nodes is not None:
                    fleet.put(guest, other, nodes)
                    break
            else:
                _undo(fleet, filling, moved)
                return


def _undo(fleet: PartialPlacement, filling: Filling, moved: list[tuple[str, tuple[int, ...]]]) -> None:
    for name, _ in moved:
        if name in fleet.seats:
            fleet.take(name)
    for name, nodes in moved:
        fleet.put(fleet.guests[name], filling, nodes)
