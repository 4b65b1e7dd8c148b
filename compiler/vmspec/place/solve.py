"""Solves a placement: best fit first, CP-SAT where it is installed, and the judge over both."""

from __future__ import annotations

from collections.abc import Mapping

from vmspec.base.record import replace
from vmspec.place import exact
from vmspec.place.bound import hosts_needed
from vmspec.place.fit import fill
from vmspec.place.problem import Assignment, Problem, Solution
from vmspec.place.verify import cost, violations

MANY = 60_000
"""Above so many pairs of guests and hosts best fit alone decides."""


def solve(problem: Problem, *, max_moves: int | None = None, use_exact: bool | None = None, effort: int = exact.EFFORT) -> Solution:
    """Seats for all guests, or as many as were found. `use_exact`: None where it is installed and the problem is not too large."""
    quick = _checked(problem, fill(problem))
    area = hosts_needed(problem)
    found = Solution(quick, cost(problem, quick), area, _unplaced(problem, quick))
    wanted = exact.is_installed() and len(problem.guests) * len(problem.machines) <= MANY if use_exact is None else use_exact
    if not wanted or not problem.guests or _is_enough(problem, found, max_moves):
        return _within(found, problem, max_moves)
    proof = exact.solve(problem, quick, max_moves, effort)
    if proof.impossible:
        return replace(found, impossible=True, solver="CP-SAT", unplaced=found.unplaced or tuple(guest.name for guest in problem.guests))
    if proof.seats is None:
        return _within(found, problem, max_moves)
    seats = _checked(problem, proof.seats)
    better = Solution(seats, cost(problem, seats), proof.hosts_bound, _unplaced(problem, seats), solver="CP-SAT")
    if not found.unplaced and not better.unplaced and _allowed(found, max_moves) and found.cost.key <= better.cost.key:
        better = replace(found, hosts_bound=proof.hosts_bound, solver="CP-SAT")
    return better


def _is_enough(problem: Problem, found: Solution, max_moves: int | None) -> bool:
    """Whether nothing could be better: all placed, no move, no wish open, and no fewer hosts can do. To spread, and where most guests have
    a seat already, best fit has the word."""
    if found.unplaced or not _allowed(found, max_moves):
        return False
    if problem.spread or problem.kept:
        return not found.cost.moves and not found.cost.broken
    return not found.cost.broken and not found.cost.far and found.cost.hosts <= found.hosts_bound


def _allowed(found: Solution, max_moves: int | None) -> bool:
    return max_moves is None or found.cost.moves <= max_moves


def _within(found: Solution, problem: Problem, max_moves: int | None) -> Solution:
    """Without what it would take too many moves for."""
    if _allowed(found, max_moves):
        return found
    moved = tuple(name for name, seat in problem.kept.items() if found.seats.get(name) not in (None, seat))
    return replace(found, unplaced=(*found.unplaced, *moved[max_moves or 0 :]))


def _unplaced(problem: Problem, seats: Mapping[str, Assignment]) -> tuple[str, ...]:
    return tuple(guest.name for guest in problem.guests if guest.name not in seats)


def _checked(problem: Problem, seats: Mapping[str, Assignment]) -> Mapping[str, Assignment]:
    """The seats, if the judge finds nothing; soft relations that best fit met only in part are told by the cost."""
    wrong = violations(problem, seats)
    if wrong and len(seats) == len(problem.guests) and not all(text.startswith("group ") for text in wrong):
        raise AssertionError(f"a placement that does not fit: {wrong[:3]}")
    return seats if not wrong else _without(problem, seats, wrong)


def _without(problem: Problem, seats: Mapping[str, Assignment], wrong: list[str]) -> Mapping[str, Assignment]:
    """Without the members of groups whose relation does not hold."""
    names = {text.removeprefix("group ") for text in wrong}
    out = {member for group in problem.groups if group.name in names for member in group.members}
    return {name: seat for name, seat in seats.items() if name not in out}
