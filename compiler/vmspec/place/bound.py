"""How few hosts could do at best: counted by area, whatever the pieces."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.place.problem import Guest, Machine, Problem, taken

ONE = 1 << 20
STEPS = 8


def hosts_needed(problem: Problem) -> int:
    """A number of hosts below which no solution is: for many weights of CPUs, memory and what is counted, how many of the hosts with the
    most room hold the sum of all guests."""
    if not problem.guests:
        return 0
    tokens = sorted({want.token for guest in problem.guests for want in guest.wants if want.amount})
    needs = _needs(problem, tokens)
    rooms = [_room(machine, tokens, needs) for machine in problem.machines]
    best = 1
    for weights in _weights(len(needs)):
        scale = [weight * ONE * 1000 // max(need, 1) for weight, need in zip(weights, needs, strict=True)]
        want = sum(s * need for s, need in zip(scale, needs, strict=True))
        count = 0
        for have in sorted((sum(s * x for s, x in zip(scale, room, strict=True)) for room in rooms), reverse=True):
            if want <= 0:
                break
            want -= have
            count += 1
        best = max(best, count)
    return max(best, _apart(problem))


def _weights(size: int) -> Iterator[tuple[int, ...]]:
    """Of CPUs of one's own, all CPUs and memory in eighths; and each of the others beside them."""
    for i in range(STEPS + 1):
        for j in range(STEPS + 1 - i):
            base = (i, j, STEPS - i - j)
            yield (*base, *[0] * (size - 3))
            for other in range(size - 3):
                for much in (1, 4):
                    yield (*base, *(much if k == other else 0 for k in range(size - 3)))


def _needs(problem: Problem, tokens: list[str]) -> list[int]:
    """The least that all guests take: thousandths of CPUs for themselves, thousandths of all CPUs, thousandths of a MiB, things."""
    cores = sorted({node.threads for machine in problem.machines for node in machine.nodes if node.cores}) or [1]
    ratio = max((up * 1000 // down + 1 for up, down in (m.cpu_ratio for m in problem.machines)), default=1000)
    promised = max((up * 1000 // down + 1 for up, down in (m.memory_ratio for m in problem.machines)), default=1000)
    found = [0] * (3 + len(tokens))
    for guest in problem.guests:
        own = min(sum(taken(guest.policy, part.vcpus, threads, False) for part in guest.parts) for threads in cores)
        floating = guest.vcpus * 1_000_000 // ratio if guest.policy == "shared" else 0
        found[0] += own * 1000
        found[1] += own * 1000 + floating
        found[2] += _memory(guest, promised)
        for want in guest.wants:
            if want.amount:
                found[3 + tokens.index(want.token)] += want.amount
    return found


def _memory(guest: Guest, promised: int) -> int:
    paged = sum(-(-part.memory // part.page) * part.page for part in guest.parts if part.page)
    plain = sum(part.memory for part in guest.parts if not part.page)
    return (guest.overhead + paged) * 1000 + (plain * 1000 if guest.held else plain * 1_000_000 // promised)


def _room(machine: Machine, tokens: list[str], needs: list[int]) -> tuple[int, ...]:
    """What a host has, at most as much as all guests need."""
    offers = [machine.offers.get(token) for token in tokens]
    things = [0 if offer is None else needs[3 + i] if offer.amount is None else offer.amount for i, offer in enumerate(offers)]
    cpus = (sum(n.dedicated for n in machine.nodes) * 1000, sum(n.cpus for n in machine.nodes) * 1000)
    return tuple(min(have, need) for have, need in zip((*cpus, machine.memory * 1000, *things), needs, strict=True))


def _apart(problem: Problem) -> int:
    """The members of the largest group of which each has a host of its own."""
    there = {guest.name for guest in problem.guests}
    named = {d for d in dict.fromkeys(group.domain for group in problem.groups) if all(m.domain(d) is not None for m in problem.machines)}
    sizes = (
        len(there & set(group.members))
        for group in problem.groups
        if group.strict and group.relation == "apart" and group.domain != "node" and group.domain in named
    )
    return max(sizes, default=0)
