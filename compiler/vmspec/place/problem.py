"""A placement problem and its solution, as data without language, spans or libvirt.

Memory is in MiB, rounded against the guest; CPUs and cores are whole numbers. Ratios are pairs of integers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from vmspec.base.record import field, record

Policy: TypeAlias = Literal["shared", "prefer", "require", "isolate"]
"""Of a guest's vCPUs: they float, or each has a CPU for itself: whichever is free, whole cores that are filled, or one of each core."""
NO_PAGES: Mapping[int, int] = {}


@record(frozen=True, slots=True)
class Node:
    """A NUMA node: what guests may have of it."""

    number: int
    cores: tuple[tuple[int, ...], ...]
    """The CPUs of each core that a guest may have for itself; none of them is the host's own."""
    cpus: int
    """CPUs that are not the host's own; those of `cores` among them."""
    memory: int
    """MiB for guests; pages that are reserved anyway are not in it."""
    pages: Mapping[int, int] = field(default_factory=lambda: NO_PAGES)
    """Huge pages that are reserved anyway, by size in MiB."""
    housekeeping: tuple[int, ...] = ()
    """CPUs for emulators and I/O threads."""
    floating: tuple[int, ...] = ()
    """CPUs that guests may float on, as far as none has them for itself."""

    @property
    def threads(self) -> int:
        """Threads that each of its cores has; of unequal cores the fewest."""
        return min(map(len, self.cores), default=1)

    @property
    def dedicated(self) -> int:
        """CPUs that guests may have for themselves."""
        return self.threads * len(self.cores)


@record(frozen=True, slots=True)
class Offer:
    """Something that a host has: a bridge, a device, the rate of a card."""

    amount: int | None = None
    """How much of it there is; None: as much as is asked for."""
    node: int | None = None
    """The node that it is on, if it is on one."""


@record(frozen=True, slots=True)
class Machine:
    """A host."""

    name: str
    nodes: tuple[Node, ...]
    memory: int
    """MiB for guests and their pages."""
    cpu_ratio: tuple[int, int] = (1, 1)
    """vCPUs that may float on a CPU, less the headroom: 4 × 0.8 is (32, 10)."""
    memory_ratio: tuple[int, int] = (1, 1)
    """Memory that may be promised for each MiB to guests that do not hold theirs, less the headroom."""
    domains: Mapping[str, str] = field(default_factory=dict)
    """Its failure domains by kind: {"rack": "r1"}."""
    offers: Mapping[str, Offer] = field(default_factory=dict)

    def domain(self, kind: str) -> str | None:
        return self.name if kind == "host" else self.domains.get(kind)


@record(frozen=True, slots=True)
class Part:
    """What of a guest lies together on one node: one of its cells, or all of it."""

    vcpus: int
    memory: int
    page: int = 0
    """The size of its huge pages in MiB; 0: ordinary memory."""


@record(frozen=True, slots=True)
class Want:
    """Something that the host of a guest must have."""

    token: str
    amount: int = 0
    near: Literal["no", "soft", "strict"] = "no"
    """Whether the guest is to be on the node of it."""


@record(frozen=True, slots=True)
class Guest:
    """A VM. One that is `local` has each part on one node, different parts on different nodes; else there is one part, and it floats."""

    name: str
    parts: tuple[Part, ...]
    policy: Policy = "shared"
    local: bool = False
    overhead: int = 0
    """MiB of QEMU's own; bound like the first part."""
    held: bool = True
    """Whether its memory cannot be promised twice."""
    wants: tuple[Want, ...] = ()
    hosts: frozenset[str] | None = None
    """The hosts that it may be on; None: any."""
    tenant: str = ""
    private: tuple[str, ...] = ()
    """What of a host it shares with no other tenant."""

    @property
    def vcpus(self) -> int:
        return sum(part.vcpus for part in self.parts)


@record(frozen=True, slots=True)
class Group:
    """Guests with a relation: `apart` and `together` name a kind of domain (host, node, rack …)."""

    name: str
    members: tuple[str, ...]
    relation: Literal["apart", "together", "spread"]
    domain: str
    strict: bool = True


@record(frozen=True, slots=True)
class Assignment:
    """Where a guest is: its host, and the node of each part; no nodes for one that floats."""

    host: str
    nodes: tuple[int, ...] = ()


@record(frozen=True, slots=True)
class Problem:
    """Guests to be put on machines. `kept` are seats of before: they stay as far as they can."""

    machines: tuple[Machine, ...]
    guests: tuple[Guest, ...]
    groups: tuple[Group, ...] = ()
    kept: Mapping[str, Assignment] = field(default_factory=dict)
    spread: bool = False
    """Balance the load over hosts and nodes, rather than leave hosts empty."""


@record(frozen=True, slots=True)
class Cost:
    """What is better if it is less, the first first."""

    moves: int = 0
    broken: int = 0
    """Soft relations that do not hold."""
    hosts: int = 0
    far: int = 0
    """Wishes for a near device, card or store that are not met."""

    @property
    def key(self) -> tuple[int, int, int, int]:
        return (self.moves, self.broken, self.hosts, self.far)


@record(frozen=True, slots=True)
class Solution:
    """Seats by guest. `hosts_bound`: proven that fewer hosts cannot do; `unplaced`: guests that found no seat."""

    seats: Mapping[str, Assignment]
    cost: Cost
    hosts_bound: int
    unplaced: tuple[str, ...] = ()
    impossible: bool = False
    """Proven: there is no solution."""
    solver: str = "best fit"


def taken(policy: Policy, vcpus: int, threads: int, alone: bool) -> int:
    """The CPUs that vCPUs take of a node with so many threads in a core. `alone`: no core is shared with another guest."""
    match policy:
        case "shared":
            return 0
        case "prefer":
            return -(-vcpus // threads) * threads if alone else vcpus
        case "require":
            return -(-vcpus // threads) * threads
        case "isolate":
            return vcpus * threads
