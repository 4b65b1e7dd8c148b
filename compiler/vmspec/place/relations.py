"""Relations between guests while they are being placed: what a group still allows, and how many soft ones a seat would break."""

from __future__ import annotations

from vmspec.place.problem import Assignment, Group, Machine, Problem


class Relations:
    """How many members of each group are in each of its domains so far."""

    def __init__(self, problem: Problem) -> None:
        self.groups = problem.groups
        self.machines = {machine.name: machine for machine in problem.machines}
        there = {guest.name for guest in problem.guests}
        self.members = [[name for name in dict.fromkeys(group.members) if name in there] for group in self.groups]
        self.of: dict[str, list[int]] = {}
        for index, members in enumerate(self.members):
            for name in members:
                self.of.setdefault(name, []).append(index)
        self.counts: list[dict[str, int]] = [{} for _ in self.groups]
        self.unnamed = [0] * len(self.groups)
        """Members on hosts that are in no domain of the kind."""
        self.known = [self._domains(group) for group in self.groups]

    def _domains(self, group: Group) -> int:
        return len({domain for machine in self.machines.values() for domain in [machine.domain(group.domain)] if domain is not None})

    def allows(self, name: str, machine: Machine, nodes: tuple[int, ...]) -> bool:
        """Whether no strict relation speaks against it. `nodes` are numbers."""
        return not any(self.groups[i].strict and self._breaks(i, machine, nodes) for i in self.of.get(name, ()))

    def broken(self, name: str, machine: Machine, nodes: tuple[int, ...]) -> int:
        """How many soft relations speak against it."""
        return sum(1 for i in self.of.get(name, ()) if not self.groups[i].strict and self._breaks(i, machine, nodes))

    def _breaks(self, index: int, machine: Machine, nodes: tuple[int, ...]) -> bool:
        group, counts = self.groups[index], self.counts[index]
        where = places(group, machine, nodes)
        match group.relation:
            case "apart":
                return any(counts.get(place) for place in where)
            case "together":
                if group.domain == "node":
                    return bool(counts) and set(counts) != set(where)
                return bool(self.unnamed[index]) if where and not counts else bool(counts) and set(counts) != set(where)
            case "spread":
                return bool(where) and not self._level(index, where[0])

    def _level(self, index: int, place: str) -> bool:
        """Whether one more member there leaves a level distribution possible."""
        counts, number, domains = self.counts[index], len(self.members[index]), max(self.known[index], 1)
        low, rest = divmod(number - self.unnamed[index], domains)
        now = counts.get(place, 0) + 1
        if now <= low:
            return True
        full = sum(1 for other, count in counts.items() if other != place and count > low)
        return now == low + 1 and full < rest

    def put(self, name: str, machine: Machine, nodes: tuple[int, ...], sign: int = 1) -> None:
        for index in self.of.get(name, ()):
            counts = self.counts[index]
            where = places(self.groups[index], machine, nodes)
            if not where:
                self.unnamed[index] += sign
            for place in where:
                counts[place] = counts.get(place, 0) + sign
                if not counts[place]:
                    del counts[place]

    def seat(self, name: str, seat: Assignment) -> None:
        self.put(name, self.machines[seat.host], seat.nodes)

    def companions(self, name: str) -> list[str]:
        """The members that have to be on the same host."""
        found: dict[str, None] = {}
        for index in self.of.get(name, ()):
            group = self.groups[index]
            if group.strict and group.relation == "together" and group.domain in ("host", "node"):
                found.update(dict.fromkeys(self.members[index]))
        found.pop(name, None)
        return list(found)


def places(group: Group, machine: Machine, nodes: tuple[int, ...]) -> tuple[str, ...]:
    """The domains of a group's kind that a seat is in."""
    if group.domain == "node":
        return tuple(f"{machine.name}/{number}" for number in nodes) or (f"{machine.name}/*",)
    domain = machine.domain(group.domain)
    return (domain,) if domain is not None else ()
