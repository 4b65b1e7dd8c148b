"""Why guests find no host: constraints that collide, each found by solving again without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from vmspec.base.provenance import Path
from vmspec.base.record import replace
from vmspec.place.problem import Guest, Part, Problem, Solution
from vmspec.place.solve import solve

EFFORT = 2
MOST = 40
"""Above so many guests the others are taken as given, and only the constraints of one guest are looked at."""


class Obstacle(NamedTuple):
    """A constraint of the colliding set: where it is said, and what. `relaxation`: what would do, if it alone would."""

    vm: str
    path: Path
    said: str
    relaxation: str | None


class _Part(NamedTuple):
    """A constraint that can be left out."""

    path: Path
    said: str
    without: Callable[[Guest], Guest]
    instead: str


def obstacles(problem: Problem, solution: Solution) -> tuple[str, list[Obstacle]]:
    """The guest that finds no place, and a set of what keeps it out. Without any one of them a solution was found; with all of them a
    search of limited effort found none."""
    name = solution.unplaced[0] if solution.unplaced else problem.guests[0].name
    if solution.impossible and len(problem.guests) <= MOST:
        problem = _smallest(problem)
        name = name if any(guest.name == name for guest in problem.guests) else problem.guests[0].name
    else:
        seats = {other: seat for other, seat in solution.seats.items() if other != name}
        problem = replace(problem, guests=tuple(g for g in problem.guests if g.name in seats or g.name == name), kept=seats)
    demands = [
        (guest.name, part) for guest in problem.guests if guest.name == name or len(problem.guests) <= MOST for part in _parts(guest)
    ]
    kept = list(demands)
    for each in demands:
        if not _fits(problem, [other for other in kept if other is not each], demands):
            kept.remove(each)
    return name, [
        Obstacle(
            who,
            part.path,
            part.said,
            f'"{who}" would find one {part.instead}' if _fits(problem, [o for o in demands if o != (who, part)], demands) else None,
        )
        for who, part in kept
    ]


def _smallest(problem: Problem) -> Problem:
    """The problem with as few guests as still collide: none of them can be left out."""
    guests = list(problem.guests)
    for guest in problem.guests:
        fewer = [other for other in guests if other is not guest]
        if fewer and not _solved(replace(problem, guests=tuple(fewer))):
            guests = fewer
    return replace(problem, guests=tuple(guests))


def _fits(problem: Problem, kept: list[tuple[str, _Part]], demands: list[tuple[str, _Part]]) -> bool:
    """Whether there is a solution with these constraints alone."""
    held = {(who, part.path) for who, part in kept}
    guests = []
    for guest in problem.guests:
        relaxed = guest
        for who, part in demands:
            if who == guest.name and (who, part.path) not in held:
                relaxed = part.without(relaxed)
        guests.append(relaxed)
    return _solved(replace(problem, guests=tuple(guests)))


def _solved(problem: Problem) -> bool:
    return not (found := solve(problem, effort=EFFORT)).unplaced and not found.impossible


def _parts(guest: Guest) -> list[_Part]:
    parts = [
        _Part(("cpu", "count"), f"{guest.vcpus} vCPUs{_policy(guest)}", _without_cpus, "with fewer vCPUs"),
        _Part(("memory", "size"), f"{sum(part.memory for part in guest.parts)} MiB", _without_memory, "with less memory"),
    ]
    if guest.hosts is not None:
        parts.append(_Part(("place",), f"only on {', '.join(sorted(guest.hosts)) or 'no host'}", _anywhere, "on other hosts"))
    if guest.wants:
        tokens = ", ".join(want.token for want in guest.wants)
        first = "hostdev" if any(want.token.startswith("device ") for want in guest.wants) else "interface"
        parts.append(_Part((first,), f"needs {tokens}", _without_wants, f"without {tokens}"))
    return parts


def _policy(guest: Guest) -> str:
    return {"shared": "", "prefer": " of its own", "require": " on whole cores", "isolate": " on a core each"}[guest.policy]


def _without_cpus(guest: Guest) -> Guest:
    return replace(guest, parts=tuple(Part(0, part.memory, part.page) for part in guest.parts))


def _without_memory(guest: Guest) -> Guest:
    return replace(guest, parts=tuple(Part(part.vcpus, 0, part.page) for part in guest.parts), overhead=0)


def _anywhere(guest: Guest) -> Guest:
    return replace(guest, hosts=None)


def _without_wants(guest: Guest) -> Guest:
    return replace(guest, wants=())
