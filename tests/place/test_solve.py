"""The solvers against all combinations, and against what a person expects of small cases."""

from __future__ import annotations

import pytest

from tests.amount import amount
from tests.place.small import least, problem
from vmspec.base.record import replace
from vmspec.place.problem import Assignment, Group, Guest, Machine, Node, Offer, Part, Problem, Want
from vmspec.place.solve import solve
from vmspec.place.verify import violations


@pytest.mark.needs("ortools")
def test_the_exact_solver_equals_brute_force() -> None:
    feasible = 0
    for seed in range(amount(120, 500)):
        case = problem(seed)
        best, found = least(case), solve(case)
        assert (best is None) == found.impossible, seed
        if best is not None:
            feasible += 1
            assert not found.unplaced, seed
            assert found.cost.key == best, seed
            assert found.hosts_bound <= best[2], seed
    assert feasible > 30


def test_best_fit_alone_never_breaks_a_constraint_and_never_says_impossible() -> None:
    placed = 0
    for seed in range(amount(300, 1000)):
        case = problem(seed)
        found = solve(case, use_exact=False)
        assert not violations(case, found.seats), seed
        assert not found.impossible
        placed += not found.unplaced
    assert placed > 90


def machine(name: str, cores: int = 4, memory: int = 16, nodes: int = 2, threads: int = 1, **more: object) -> Machine:
    made = []
    for number in range(nodes):
        first = number * cores * threads
        own = tuple(tuple(range(first + i * threads, first + (i + 1) * threads)) for i in range(cores))
        made.append(Node(number, own, cores * threads, memory))
    return replace(Machine(name, tuple(made), memory * nodes), **more)


def guest(name: str, vcpus: int = 1, memory: int = 1, **more: object) -> Guest:
    return replace(Guest(name, (Part(vcpus, memory),)), **more)


def test_a_guest_more_moves_none() -> None:
    machines = (machine("a"), machine("b"))
    first = tuple(guest(f"g{i}", 2, 4, policy="prefer", local=True) for i in range(4))
    before = solve(Problem(machines, first)).seats
    after = solve(Problem(machines, (guest("new", 3, 4, policy="prefer", local=True), *first), kept=before))
    assert {name: after.seats[name] for name in before} == before
    assert after.cost.moves == 0
    assert not after.unplaced


@pytest.mark.needs("ortools")
def test_a_move_is_made_where_it_must_be_and_not_where_it_may_not() -> None:
    machines = (machine("a", nodes=1), machine("b", nodes=1))
    kept = {"x": Assignment("a", (0,)), "y": Assignment("b", (0,))}
    small = tuple(guest(name, 2, 1, policy="prefer", local=True) for name in kept)
    tried = Problem(machines, (*small, guest("new", 4, 1, policy="prefer", local=True)), kept=kept)
    moved = solve(tried)
    assert (moved.cost.moves, moved.unplaced) == (1, ())
    assert solve(tried, max_moves=0).impossible


def test_a_device_brings_its_guest_to_its_node() -> None:
    host = machine("a", offers={"device:gpu": Offer(1, 1)})
    one = guest("g", 1, 1, policy="prefer", local=True, wants=(Want("device:gpu", 1, "strict"),))
    assert solve(Problem((host,), (one,))).seats == {"g": Assignment("a", (1,))}
    two = solve(Problem((host,), (one, replace(one, name="h"))), use_exact=False)
    assert two.unplaced == ("h",)


def test_tenants_share_nothing() -> None:
    both = (guest("g", tenant="red", private=("bridge:br0",)), guest("h", tenant="blue", private=("bridge:br0",)))
    found = solve(Problem((machine("a"), machine("b")), both))
    assert {seat.host for seat in found.seats.values()} == {"a", "b"}


def test_a_spread_group_is_level_over_racks() -> None:
    machines = tuple(machine(f"h{i}", domains={"rack": f"r{i // 2}"}) for i in range(4))
    guests = tuple(guest(f"g{i}") for i in range(4))
    found = solve(Problem(machines, guests, (Group("k", tuple(g.name for g in guests), "spread", "rack"),)))
    assert sorted(seat.host in ("h0", "h1") for seat in found.seats.values()) == [False, False, True, True]


def test_balance_puts_guests_on_the_emptiest_node() -> None:
    guests = tuple(guest(f"g{i}", 1, 2, policy="prefer", local=True) for i in range(4))
    found = solve(Problem((machine("a"),), guests, spread=True))
    assert sorted(seat.nodes for seat in found.seats.values()) == [(0,), (0,), (1,), (1,)]
