"""Writes a `host` block from the facts of a host: what it keeps for itself, with the reasons as comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vmspec.base.record import record
from vmspec.model.facts import CardFacts, HostFacts, NodeFacts
from vmspec.model.show import quote, show_label
from vmspec.model.value import CpuSet

CORES_A_KEEPER = 16
"""Cores of a node for each that is kept: emulators, vhost and I/O threads of the guests on the others run there."""
FAST = 10_000
"""Mbit/s from which on a card gets a core of its node for its interrupts."""
ROOMY = 8
"""Cores of a node from which on that core is to spare."""
GIB = 1 << 30


@record(frozen=True, slots=True)
class KeptCores:
    """Cores of one node that the host keeps."""

    node: NodeFacts
    cores: tuple[CpuSet, ...]
    reasons: tuple[str, ...]

    @property
    def cpus(self) -> CpuSet:
        return CpuSet.of(cpu for core in self.cores for cpu in core)


def proposal(facts: HostFacts, name: str, path: str, uri: str | None = None) -> str:
    """The source text. `path`: of the facts, from the file that the text will be in."""
    kept = housekeeping(facts)
    cpus = CpuSet.of(cpu for each in kept for cpu in each.cpus)
    lines = [f"# {line}" for line in _summary(facts)]
    lines += [f"host {show_label(name)} {{", f"  facts = {quote(path)}"]
    if uri is not None:
        lines.append(f"  uri = {quote(uri)}")
    lines.append("  reserve {")
    for each in kept:
        lines += [f"    # {_node(each.node)}: keeps {each.cpus} of {each.node.cpus}: {'; '.join(each.reasons)}"]
    lines += [f"    # {line}" for line in _besides(facts)]
    lines += [f"    cpus = {cpus}", f"    # {_memory_reason(facts)}", f"    memory = {memory(facts) // GIB}GiB", "  }", "}"]
    return "\n".join(lines) + "\n"


def housekeeping(facts: HostFacts) -> tuple[KeptCores, ...]:
    """Whole cores of each node that has CPUs, the one of the first CPU among them; in one last cache as far as that goes."""
    return tuple(_kept(node, facts) for node in facts.numa if node.cpus)


def memory(facts: HostFacts) -> int:
    """A 64th of all, in whole GiB: at least 2 GiB, or 1 GiB of less than 8 GiB."""
    total = sum(node.memory or 0 for node in facts.numa)
    return max(1 if total < 8 * GIB else 2, -(-total // 64 // GIB)) * GIB


def _kept(node: NodeFacts, facts: HostFacts) -> KeptCores:
    cores = _cores(node, facts)
    wanted = max(1, -(-len(cores) // CORES_A_KEEPER))
    first = 0 in node.cpus
    threads = max(len(core) for core in cores)
    reasons = ["CPU 0 is where the kernel boots, and cannot be tickless"] if first else []
    each = "whole core" if threads > 1 else "core"
    reasons.append(f"a {each} for {min(len(cores), CORES_A_KEEPER)} cores, for emulators and I/O threads of the guests of this node")
    cards = [card for card in facts.nics if (card.node or 0) == node.id and (card.speed or 0) >= FAST]
    if cards:
        reasons.append(f"interrupts of {_named(cards)}, which {'is' if len(cards) == 1 else 'are'} on this node")
        wanted += len(cores) >= ROOMY
    if threads > 1:
        reasons.append("siblings together, so that no guest shares a core with the host")
    wanted = min(wanted, max(1, len(cores) // 4))
    ordered = _by_nearness(cores, facts) if first or not facts.kinds else cores
    return KeptCores(node, tuple(sorted(ordered[:wanted], key=_first)), tuple(reasons))


def _cores(node: NodeFacts, facts: HostFacts) -> list[CpuSet]:
    """The node's cores, in the order of their first CPUs; each CPU where siblings are not known."""
    grouped = [core for core in facts.siblings if not core - node.cpus]
    rest = node.cpus - CpuSet.of(cpu for core in grouped for cpu in core)
    return sorted([*grouped, *(CpuSet.of((cpu,)) for cpu in rest)], key=_first)


def _by_nearness(cores: list[CpuSet], facts: HostFacts) -> list[CpuSet]:
    """The first core, then those of the slowest kind where there are several kinds, then those that share its last cache."""
    first = cores[0]
    slow = list(facts.kinds.values())[-1] if len(facts.kinds) > 1 else CpuSet()
    cache = next((each.cpus for each in facts.caches if not first - each.cpus), CpuSet())
    return sorted(cores, key=lambda core: (core != first, bool(core - slow) and bool(slow), bool(core - cache), _first(core)))


def _first(cpus: CpuSet) -> int:
    return next(iter(cpus))


def _summary(facts: HostFacts) -> Iterator[str]:
    cpus = sum(len(node.cpus) for node in facts.numa)
    cores = sum(len(_cores(node, facts)) for node in facts.numa)
    sockets = len(facts.sockets) or 1
    total = sum(node.memory or 0 for node in facts.numa)
    yield (
        f"{facts.cpu or facts.arch or 'CPUs'}: {_count(sockets, 'socket')}, {_count(len(facts.numa), 'node')}, {_count(cores, 'core')}, "
        f"{_count(cpus, 'CPU')}, {total / GIB:.0f} GiB"
    )
    system = " ".join(word for word in (facts.os, facts.os_version) if word)
    versions = (("kernel", facts.kernel), ("libvirt", facts.libvirt), ("QEMU", facts.qemu))
    parts = [system, *(f"{what} {version}" for what, version in versions if version)]
    if any(parts):
        yield ", ".join(part for part in parts if part)


def _besides(facts: HostFacts) -> Iterator[str]:
    """What somebody who pins guests here has to know."""
    for node in facts.numa:
        if not node.cpus:
            yield f"{_node(node)} has memory and no CPU: no guest is pinned to it, and `numa` of a guest can name it for memory"
    with_cpus = [node for node in facts.numa if node.cpus]
    if len({len(node.cpus) for node in with_cpus}) > 1:
        yield "the nodes differ in size: " + ", ".join(f"{node.id} has {_count(len(node.cpus), 'CPU')}" for node in with_cpus)
    if len(facts.kinds) > 1:
        yield "cores of several kinds: pin all vCPUs of a guest to one of " + ", ".join(
            f"{kind} {cpus}" for kind, cpus in facts.kinds.items()
        )
    shared = [cache for cache in facts.caches if len(cache.cpus) > 2]
    if len(shared) > len(with_cpus):
        size = len(shared[0].cpus)
        yield f"{len(shared)} last-level caches of {size} CPUs: guests of up to {size} vCPUs are best pinned within one"
    homeless = [card for card in facts.nics if card.node is None and len(with_cpus) > 1]
    if homeless:
        yield f"the firmware does not say on which node {_named(homeless)} {'is' if len(homeless) == 1 else 'are'}"


def _memory_reason(facts: HostFacts) -> str:
    return "a 64th of the memory, at least 2 GiB: libvirt, the page cache of the host, what QEMU needs beside the guests' own"


def _node(node: NodeFacts) -> str:
    return f"node {node.id}"


def _named(cards: Iterable[CardFacts]) -> str:
    return " and ".join(card.name for card in cards)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


__all__ = ["KeptCores", "housekeeping", "memory", "proposal"]
