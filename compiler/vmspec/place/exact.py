"""The exact solver: CP-SAT of ortools, where that is installed. One worker, a fixed seed and a limit that no clock measures.

Guests that are alike are counted, not named: a variable is how many of them are on these nodes of this host.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise, permutations
from typing import Any, NamedTuple, TypeAlias

from vmspec.base.record import replace
from vmspec.place.bound import hosts_needed
from vmspec.place.fit import kinds
from vmspec.place.problem import Assignment, Group, Guest, Machine, Problem, taken
from vmspec.place.relations import Relations, places
from vmspec.place.verify import cost

Variable: TypeAlias = Any
Linear: TypeAlias = Any
"""ortools' own types are not there where ortools is not."""
EFFORT = 10
"""The limit of one solve, in CP-SAT's deterministic time: about seconds of one core."""


class Proof(NamedTuple):
    """What CP-SAT found. `seats` is None where it found none; `impossible`, where it proved that there is none."""

    seats: dict[str, Assignment] | None
    impossible: bool
    optimal: bool
    hosts_bound: int


class _Spot(NamedTuple):
    """A kind of guests on these nodes of a host, and how many of them."""

    kind: int
    machine: int
    nodes: tuple[int, ...]
    count: Variable


def is_installed() -> bool:
    from importlib.util import find_spec

    return find_spec("ortools") is not None


def solve(problem: Problem, hint: Mapping[str, Assignment], max_moves: int | None = None, effort: int = EFFORT) -> Proof:
    """Seats for all guests, no worse than the hint. Where only the number of hosts counts, it asks for each number from the bound on
    whether so many do, which is far easier than to look for the least."""
    fresh = not problem.kept and all(group.strict for group in problem.groups) and len(hint) == len(problem.guests)
    if not fresh:
        return _Model(problem, hint, max_moves).solve(effort)
    known, least = cost(problem, hint).hosts, hosts_needed(problem)
    proven = least
    for number in range(least, known + 1):
        few = replace(problem, machines=_first(problem, number))
        names = {machine.name for machine in few.machines}
        there = hint if all(seat.host in names for seat in hint.values()) else {}
        found = _Model(few, there, None, number).solve(max(effort // (known - least + 1), 1))
        if found.seats is not None:
            return Proof(found.seats, False, found.optimal and proven == number, proven)
        if found.impossible and proven == number:
            proven = number + 1
    return Proof(dict(hint), False, False, min(proven, known))


def _first(problem: Problem, number: int) -> tuple[Machine, ...]:
    """The machines without those of which there are more alike than are to be used."""
    counts: dict[str, int] = defaultdict(int)
    kept = []
    for machine in problem.machines:
        key = _likeness(machine, problem)
        counts[key] += 1
        if counts[key] <= number:
            kept.append(machine)
    return tuple(kept)


def _likeness(m: Machine, problem: Problem) -> str:
    """Equal for hosts that are alike for all guests."""
    named = any(m.name in (guest.hosts or ()) for guest in problem.guests)
    shape = [(len(n.cores), n.threads, n.number, n.cpus, n.memory, sorted(n.pages.items())) for n in m.nodes]
    domains, offers = sorted(m.domains.items()), sorted((token, offer.amount, offer.node) for token, offer in m.offers.items())
    return repr((shape, m.memory, m.cpu_ratio, m.memory_ratio, domains, offers, m.name if named else ""))


class _Model:
    def __init__(self, problem: Problem, hint: Mapping[str, Assignment], max_moves: int | None, number: int | None = None) -> None:
        """`number`: how many hosts may be used; then only wishes are counted."""
        from ortools.sat.python import cp_model

        self.library: Any = cp_model
        self.problem = problem
        self.hint = hint
        self.model: Any = cp_model.CpModel()
        self.kinds = kinds(problem, problem.guests, Relations(problem))
        self.spots: list[_Spot] = []
        self.on: list[list[_Spot]] = [[] for _ in problem.machines]
        self.possible = min([self._spots(index) for index in range(len(self.kinds))], default=True)
        self.used = [self.model.new_bool_var(f"used {machine.name}") for machine in problem.machines]
        for index in range(len(problem.machines)):
            self._machine(index)
        self.broken = [each for group in problem.groups for each in self._group(group)]
        self._order()
        self._objective(max_moves, number)

    # ---------------------------------------------------------------------------------------- variables

    def _spots(self, index: int) -> bool:
        """A variable for each host and nodes that may take some of a kind."""
        guests, own = self.kinds[index], []
        hinted: dict[Assignment, int] = defaultdict(int)
        for guest in guests:
            if guest.name in self.hint:
                hinted[self.hint[guest.name]] += 1
        for at, machine in enumerate(self.problem.machines):
            for nodes in _possible(guests[0], machine):
                count = self.model.new_int_var(0, len(guests), f"{guests[0].name} {machine.name} {nodes}")
                self.model.add_hint(count, hinted.get(Assignment(machine.name, nodes), 0))
                own.append(_Spot(index, at, nodes, count))
                self.on[at].append(own[-1])
        self.spots += own
        self.model.add(sum(spot.count for spot in own) == len(guests))
        return bool(own)

    def _guest(self, spot: _Spot) -> Guest:
        return self.kinds[spot.kind][0]

    # -------------------------------------------------------------------------------------- constraints

    def _machine(self, index: int) -> None:
        machine, spots, used = self.problem.machines[index], self.on[index], self.used[index]
        for spot in spots:
            self.model.add(spot.count == 0).only_enforce_if(~used)
        self._cpus(machine, spots, used)
        self._memory(machine, spots, used)
        for token, offer in machine.offers.items():
            asked = [(want.amount, spot) for spot in spots for want in self._guest(spot).wants if want.token == token and want.amount]
            if asked and offer.amount is not None:
                self.model.add(sum(amount * spot.count for amount, spot in asked) <= offer.amount)
        self._tenants(spots)

    def _cpus(self, machine: Machine, spots: list[_Spot], used: Variable) -> None:
        up, down = machine.cpu_ratio
        all_own: list[Linear] = []
        for node in machine.nodes:
            own: list[Linear] = []
            floating: list[Linear] = []
            for spot in spots:
                guest = self._guest(spot)
                for part, number in zip(guest.parts, spot.nodes, strict=False):
                    if number == node.number:
                        own.append(taken(guest.policy, part.vcpus, node.threads, bool(guest.tenant)) * spot.count)
                        floating += [part.vcpus * spot.count] if guest.policy == "shared" else []
            self.model.add(sum(own) <= node.dedicated * used)
            if floating:
                self.model.add(down * sum(floating) + up * sum(own) <= up * node.cpus * used)
            all_own += own
        floats = [self._guest(spot).vcpus * spot.count for spot in spots if self._guest(spot).policy == "shared"]
        if floats:
            self.model.add(down * sum(floats) + up * sum(all_own) <= up * sum(node.cpus for node in machine.nodes) * used)

    def _memory(self, machine: Machine, spots: list[_Spot], used: Variable) -> None:
        held: list[Linear] = []
        soft: list[Linear] = []
        plain: dict[int, list[Linear]] = defaultdict(list)
        pages: dict[tuple[int, int], list[Linear]] = defaultdict(list)
        pooled: dict[int, list[Linear]] = defaultdict(list)
        for spot in spots:
            guest = self._guest(spot)
            held.append(guest.overhead * spot.count)
            if spot.nodes:
                plain[spot.nodes[0]].append(guest.overhead * spot.count)
            for index, part in enumerate(guest.parts):
                if part.page:
                    count = -(-part.memory // part.page) * spot.count
                    pooled[part.page].append(part.page * count)
                    if spot.nodes:
                        pages[spot.nodes[index], part.page].append(count)
                    continue
                (held if guest.held else soft).append(part.memory * spot.count)
                if spot.nodes:
                    plain[spot.nodes[index]].append(part.memory * spot.count)
        reserved: dict[int, int] = defaultdict(int)
        for node in machine.nodes:
            for (number, page), counts in pages.items():
                if number == node.number:
                    plain[number].append(page * self._beyond(counts, node.pages.get(page, 0)))
            self.model.add(sum(plain[node.number]) <= node.memory * used)
            for page, number in node.pages.items():
                reserved[page] += number * page
        held += [self._beyond(sizes, reserved[page]) for page, sizes in pooled.items()]
        kept = sum(reserved.values())
        up, down = machine.memory_ratio
        self.model.add(sum(held) + kept <= machine.memory)
        self.model.add(up * (sum(held) + kept) + down * sum(soft) <= up * machine.memory)

    def _beyond(self, parts: list[Linear], least: int) -> Linear:
        """By how much a sum exceeds what is there anyway."""
        if not least:
            return sum(parts)
        more = self.model.new_int_var(0, 1 << 40, "more")
        self.model.add(more >= sum(parts) - least)
        return more

    def _tenants(self, spots: list[_Spot]) -> None:
        tokens: dict[str, dict[str, list[_Spot]]] = defaultdict(lambda: defaultdict(list))
        for spot in spots:
            for token in self._guest(spot).private:
                tokens[token][self._guest(spot).tenant].append(spot)
        for token, owners in tokens.items():
            if len(owners) < 2:
                continue
            chosen = []
            for tenant, own in owners.items():
                chosen.append(self.model.new_bool_var(f"{token} {tenant}"))
                for spot in own:
                    self.model.add(spot.count == 0).only_enforce_if(~chosen[-1])
            self.model.add_at_most_one(chosen)

    def _group(self, group: Group) -> list[Variable]:
        """The constraints of a relation; of a soft one the variable that says that it is broken."""
        members = frozenset(group.members)
        spots = [spot for spot in self.spots if self._guest(spot).name in members]
        where = {id(spot): places(group, self.problem.machines[spot.machine], spot.nodes) for spot in spots}
        broken = [] if group.strict else [self.model.new_bool_var(f"broken {group.name}")]
        holds = [~each for each in broken]
        number = sum(1 for guest in self.problem.guests if guest.name in members)
        match group.relation:
            case "apart":
                for place in _distinct(place for found in where.values() for place in found):
                    inside = [spot.count for spot in spots if place in where[id(spot)]]
                    self.model.add(sum(inside) <= 1).only_enforce_if(holds)
            case "together":
                chosen = []
                for place in _distinct(tuple(sorted(found)) for found in where.values()):
                    chosen.append(self.model.new_bool_var(f"{group.name} {place}"))
                    inside = [spot.count for spot in spots if tuple(sorted(where[id(spot)])) == place]
                    self.model.add(sum(inside) <= number * chosen[-1])
                self.model.add(sum(chosen) <= 1).only_enforce_if(holds)
            case "spread":
                low = self.model.new_int_var(0, number, f"low {group.name}")
                for place in _distinct(d for machine in self.problem.machines for d in [machine.domain(group.domain)] if d is not None):
                    inside = [spot.count for spot in spots if place in where[id(spot)]]
                    self.model.add(sum(inside) >= low).only_enforce_if(holds)
                    self.model.add(sum(inside) <= low + 1).only_enforce_if(holds)
        return broken

    def _order(self) -> None:
        """Of hosts that are alike the first are used first, and the fuller ones come first: else each order is a solution of its own."""
        if self.problem.kept:
            return
        alike: dict[str, list[int]] = defaultdict(list)
        for index, machine in enumerate(self.problem.machines):
            alike[_likeness(machine, self.problem)].append(index)
        for same in alike.values():
            for first, second in pairwise(same):
                self.model.add(self.used[first] >= self.used[second])
                load = [sum(self._guest(spot).vcpus * spot.count for spot in self.on[index]) for index in (first, second)]
                self.model.add(load[0] >= load[1])

    def _objective(self, max_moves: int | None, number: int | None) -> None:
        stays = [stay for index in range(len(self.kinds)) for stay in self._stays(index)]
        placed = sum(1 for name in self.problem.kept if any(guest.name == name for guest in self.problem.guests))
        moves: Linear = placed - sum(stays)
        if max_moves is not None:
            self.model.add(moves <= max_moves)
        far = [
            wish * spot.count for spot in self.spots if (wish := _far(self._guest(spot), self.problem.machines[spot.machine], spot.nodes))
        ]
        self.far_most = sum(len([w for w in guest.wants if w.near == "soft"]) for guest in self.problem.guests)
        self.host_weight = self.far_most + 1
        broken_weight = self.host_weight * (len(self.used) + 1)
        move_weight = broken_weight * (len(self.broken) + 1)
        hosts = sum(self.used)
        self.area = hosts_needed(self.problem)
        self.model.add(hosts >= self.area)
        if number is not None:
            self.model.add(hosts <= number)
            if far:
                self.model.minimize(sum(far))
            return
        self.model.minimize(move_weight * moves + broken_weight * sum(self.broken) + self.host_weight * hosts + sum(far))

    def _stays(self, index: int) -> list[Variable]:
        """How many of a kind keep each of the seats of before."""
        kept: dict[Assignment, int] = defaultdict(int)
        for guest in self.kinds[index]:
            seat = self.problem.kept.get(guest.name)
            if seat is not None:
                kept[seat] += 1
        found = []
        for spot in (spot for spot in self.spots if spot.kind == index):
            number = kept.get(Assignment(self.problem.machines[spot.machine].name, spot.nodes), 0)
            if number:
                found.append(self.model.new_int_var(0, number, "stays"))
                self.model.add(found[-1] <= spot.count)
        return found

    # ------------------------------------------------------------------------------------------- result

    def solve(self, effort: int) -> Proof:
        if not self.possible:
            return Proof(None, True, False, self.area)
        solver = self.library.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.max_deterministic_time = effort
        status = solver.solve(self.model)
        if status == self.library.INFEASIBLE:
            return Proof(None, True, False, self.area)
        if status not in (self.library.OPTIMAL, self.library.FEASIBLE):
            return Proof(None, False, False, self.area)
        counts = {id(spot): solver.value(spot.count) for spot in self.spots}
        seats = self._seats(counts)
        optimal = status == self.library.OPTIMAL
        return Proof(seats, False, optimal, min(self.area, cost(self.problem, seats).hosts))

    def _seats(self, counts: Mapping[int, int]) -> dict[str, Assignment]:
        """Names for the counts: who has a seat keeps it, the others follow in the order of the problem."""
        found: dict[str, Assignment] = {}
        for index, guests in enumerate(self.kinds):
            left = {
                Assignment(self.problem.machines[spot.machine].name, spot.nodes): counts[id(spot)]
                for spot in self.spots
                if spot.kind == index
            }
            for before in (self.problem.kept, self.hint):
                for guest in guests:
                    seat = before.get(guest.name)
                    if guest.name not in found and seat is not None and left.get(seat, 0) > 0:
                        found[guest.name] = seat
                        left[seat] -= 1
            free = [seat for seat, number in left.items() for _ in range(number)]
            found |= dict(zip((guest.name for guest in guests if guest.name not in found), free, strict=True))
        return {guest.name: found[guest.name] for guest in self.problem.guests}


def _distinct(items: Iterable[str] | Iterable[tuple[str, ...]]) -> list[str | tuple[str, ...]]:
    return list(dict.fromkeys(items))


def _possible(guest: Guest, machine: Machine) -> list[tuple[int, ...]]:
    """The nodes that an empty host would have for a guest, by what is not counted."""
    if guest.hosts is not None and machine.name not in guest.hosts:
        return []
    if any(want.token not in machine.offers for want in guest.wants):
        return []
    if not guest.local:
        return [()]
    due = {machine.offers[want.token].node for want in guest.wants if want.near == "strict"} - {None}
    numbers = [node.number for node in machine.nodes]
    return [nodes for nodes in permutations(numbers, len(guest.parts)) if due <= set(nodes)]


def _far(guest: Guest, machine: Machine, nodes: tuple[int, ...]) -> int:
    if not guest.local:
        return 0
    near = [machine.offers[want.token].node for want in guest.wants if want.near == "soft"]
    return sum(1 for node in near if node is not None and node not in nodes)
