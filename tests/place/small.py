"""Small placement problems made by chance, and the least cost of each by trying everything."""

from __future__ import annotations

import itertools
import random

from vmspec.place.problem import Assignment, Group, Guest, Machine, Node, Offer, Part, Problem, Want
from vmspec.place.verify import cost, violations


def problem(seed: int) -> Problem:
    rng = random.Random(seed)
    machines = tuple(_machine(rng, number) for number in range(rng.randint(1, 3)))
    guests = tuple(_guest(rng, number, machines) for number in range(rng.randint(1, 4)))
    return Problem(machines, guests, tuple(_group(rng, number, guests) for number in range(rng.choice([0, 0, 1, 2]))))


def _machine(rng: random.Random, number: int) -> Machine:
    threads = rng.choice([1, 2])
    nodes: list[Node] = []
    first = 0
    for node in range(rng.choice([1, 2])):
        count = rng.randint(1, 4)
        cores = tuple(tuple(range(first + i * threads, first + i * threads + threads)) for i in range(count))
        first += count * threads
        pages = {2: rng.randint(0, 2)} if rng.random() < 0.3 else {}
        nodes.append(Node(node, cores, count * threads + rng.choice([0, 1]), rng.randint(4, 12), pages))
    memory = sum(node.memory + sum(size * n for size, n in node.pages.items()) for node in nodes) - rng.choice([0, 1])
    offers = {"bridge:br0": Offer()}
    if rng.random() < 0.5:
        offers["device:gpu"] = Offer(1, rng.choice([node.number for node in nodes]))
    cpu, over = rng.choice([(1, 1), (2, 1), (8, 10)]), rng.choice([(1, 1), (13, 10), (8, 10)])
    return Machine(f"h{number}", tuple(nodes), memory, cpu, over, {"rack": f"r{number % 2}"} if rng.random() < 0.8 else {}, offers)


def _guest(rng: random.Random, number: int, machines: tuple[Machine, ...]) -> Guest:
    policy = rng.choice(["shared", "shared", "prefer", "require", "isolate"])
    local = policy != "shared" or rng.random() < 0.4
    parts = tuple(
        Part(rng.randint(1, 3), rng.randint(1, 5), rng.choice([0, 0, 2])) for _ in range(2 if local and rng.random() < 0.2 else 1)
    )
    wants = [Want("device:gpu", 1, rng.choice(["no", "soft", "strict"]))] if rng.random() < 0.3 else []
    wants += [Want("bridge:br0")] if rng.random() < 0.3 else []
    private = ("cpus", "bridge:br0")[: rng.randint(0, 2)]
    hosts = None if rng.random() < 0.8 else frozenset((rng.choice(machines).name,))
    tenant = rng.choice(["", "", "a", "b"])
    return Guest(f"g{number}", parts, policy, local, rng.choice([0, 1]), rng.random() < 0.5, tuple(wants), hosts, tenant, private)


def _group(rng: random.Random, number: int, guests: tuple[Guest, ...]) -> Group:
    relation = rng.choice(["apart", "together", "spread"])
    domain = rng.choice(["host", "rack"] if relation == "spread" else ["host", "rack", "node"])
    return Group(f"k{number}", tuple(g.name for g in guests if rng.random() < 0.7), relation, domain, rng.random() < 0.6)


def least(problem: Problem) -> tuple[int, int, int, int] | None:
    """The least cost of all combinations of seats; None where none fits."""
    best = None
    for seats in itertools.product(*(_seats(guest, problem) for guest in problem.guests)):
        tried = {guest.name: seat for guest, seat in zip(problem.guests, seats, strict=True)}
        if not violations(problem, tried):
            key = cost(problem, tried).key
            best = key if best is None or key < best else best
    return best


def _seats(guest: Guest, problem: Problem) -> list[Assignment]:
    if not guest.local:
        return [Assignment(machine.name) for machine in problem.machines]
    return [
        Assignment(machine.name, nodes)
        for machine in problem.machines
        for nodes in itertools.permutations([node.number for node in machine.nodes], len(guest.parts))
    ]
