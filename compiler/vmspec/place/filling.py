"""A host while it is being filled: what is left of it, whether a guest fits, and on which nodes; every step can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from vmspec.place.problem import Assignment, Guest, Machine, Node, taken


class NodeLoad:
    """What guests take of one node."""

    __slots__ = ("floating", "more", "node", "own", "pages", "plain")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.own = 0
        self.floating = 0
        self.plain = 0
        """MiB of ordinary memory."""
        self.pages: dict[int, int] = {}
        self.more = 0
        """MiB of huge pages beyond those that are reserved anyway."""

    def paged(self, page: int, count: int) -> int:
        """The MiB beyond the reserved ones that so many more pages take."""
        before, least = self.pages.get(page, 0), self.node.pages.get(page, 0)
        return (max(before + count - least, 0) - max(before - least, 0)) * page


class Filling:
    """One host with the guests that it has so far."""

    __slots__ = ("floating", "guests", "held", "machine", "memory", "nodes", "own", "owners", "pooled", "reserved", "soft", "used")

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.nodes = [NodeLoad(node) for node in machine.nodes]
        self.reserved: dict[int, int] = {}
        for node in machine.nodes:
            for size, count in node.pages.items():
                self.reserved[size] = self.reserved.get(size, 0) + count * size
        self.own = 0
        self.floating = 0
        self.held = sum(self.reserved.values())
        self.soft = 0
        self.pooled: dict[int, int] = {}
        self.used: dict[str, int] = {}
        self.owners: dict[str, list[str]] = {}
        self.guests: dict[str, tuple[Guest, tuple[int, ...]]] = {}

    # ------------------------------------------------------------------------------------------- questions

    def seats(self, guest: Guest) -> Iterator[tuple[int, ...]]:
        """The nodes that its parts may lie on, as indexes; `()` once for one that floats."""
        machine = self.machine
        if guest.hosts is not None and machine.name not in guest.hosts:
            return
        due: set[int] = set()
        for want in guest.wants:
            offer = machine.offers.get(want.token)
            if offer is None or (offer.amount is not None and self.used.get(want.token, 0) + want.amount > offer.amount):
                return
            if want.near == "strict" and guest.local and offer.node is not None:
                due.add(offer.node)
        if guest.private and any(set(self.owners.get(token, ())) - {guest.tenant} for token in guest.private):
            return
        floating = guest.vcpus if guest.policy == "shared" else 0
        if not self._memory_fits(guest):
            return
        if not guest.local:
            if floating and not self._floats(self.own, self.floating + floating):
                return
            yield ()
            return
        fitting = [[i for i, load in enumerate(self.nodes) if self._part_fits(guest, k, load)] for k in range(len(guest.parts))]
        for nodes in permutations(range(len(self.nodes)), len(guest.parts)):
            if due and due - {self.nodes[i].node.number for i in nodes}:
                continue
            if any(i not in fitting[k] for k, i in enumerate(nodes)):
                continue
            own = sum(self._own(guest, part.vcpus, self.nodes[i].node) for part, i in zip(guest.parts, nodes, strict=True))
            if (floating or self.floating) and not self._floats(self.own + own, self.floating + floating):
                continue
            yield nodes

    def _own(self, guest: Guest, vcpus: int, node: Node) -> int:
        return taken(guest.policy, vcpus, node.threads, bool(guest.tenant))

    def _floats(self, own: int, floating: int) -> bool:
        up, down = self.machine.cpu_ratio
        return floating * down <= (sum(load.node.cpus for load in self.nodes) - own) * up

    def _part_fits(self, guest: Guest, index: int, load: NodeLoad) -> bool:
        part, node = guest.parts[index], load.node
        own = self._own(guest, part.vcpus, node)
        if load.own + own > node.dedicated:
            return False
        floating = load.floating + (part.vcpus if guest.policy == "shared" else 0)
        up, down = self.machine.cpu_ratio
        if floating and floating * down > (node.cpus - load.own - own) * up:
            return False
        plain, more = (0, load.paged(part.page, -(-part.memory // part.page))) if part.page else (part.memory, 0)
        plain += guest.overhead if index == 0 else 0
        return load.plain + plain + load.more + more <= node.memory

    def _sizes(self, guest: Guest) -> tuple[int, int]:
        """The MiB that it holds, and those that may be promised twice."""
        held, soft = guest.overhead, 0
        pages: dict[int, int] = {}
        for part in guest.parts:
            if part.page:
                pages[part.page] = pages.get(part.page, 0) + -(-part.memory // part.page) * part.page
            elif guest.held:
                held += part.memory
            else:
                soft += part.memory
        for page, size in pages.items():
            before, least = self.pooled.get(page, 0), self.reserved.get(page, 0)
            held += max(before + size - least, 0) - max(before - least, 0)
        return held, soft

    def _memory_fits(self, guest: Guest) -> bool:
        held, soft = self._sizes(guest)
        held, soft = self.held + held, self.soft + soft
        up, down = self.machine.memory_ratio
        return held <= self.machine.memory and held * up + soft * down <= self.machine.memory * up

    # ------------------------------------------------------------------------------------------- changes

    def put(self, guest: Guest, nodes: tuple[int, ...], sign: int = 1) -> None:
        """Add a guest, or with sign -1 take it away again."""
        if sign > 0:
            self._change_memory(guest, 1)
            self.guests[guest.name] = (guest, nodes)
        for want in guest.wants:
            self.used[want.token] = self.used.get(want.token, 0) + sign * want.amount
        for token in guest.private:
            owners = self.owners.setdefault(token, [])
            if sign > 0:
                owners.append(guest.tenant)
            else:
                owners.remove(guest.tenant)
        self.floating += sign * (guest.vcpus if guest.policy == "shared" else 0)
        for index, i in enumerate(nodes):
            self._change_node(guest, index, self.nodes[i], sign)
        if sign < 0:
            del self.guests[guest.name]
            self._change_memory(guest, -1)

    def _change_memory(self, guest: Guest, sign: int) -> None:
        if sign < 0:
            self._pool(guest, -1)
        held, soft = self._sizes(guest)
        self.held += sign * held
        self.soft += sign * soft
        if sign > 0:
            self._pool(guest, 1)

    def _pool(self, guest: Guest, sign: int) -> None:
        for part in guest.parts:
            if part.page:
                self.pooled[part.page] = self.pooled.get(part.page, 0) + sign * -(-part.memory // part.page) * part.page

    def _change_node(self, guest: Guest, index: int, load: NodeLoad, sign: int) -> None:
        part = guest.parts[index]
        own = self._own(guest, part.vcpus, load.node)
        load.own += sign * own
        self.own += sign * own
        load.floating += sign * (part.vcpus if guest.policy == "shared" else 0)
        load.plain += sign * (guest.overhead if index == 0 else 0)
        if part.page:
            count = -(-part.memory // part.page)
            if sign < 0:
                load.pages[part.page] -= count
            load.more += sign * load.paged(part.page, count)
            if sign > 0:
                load.pages[part.page] = load.pages.get(part.page, 0) + count
        else:
            load.plain += sign * part.memory

    def seat(self, nodes: tuple[int, ...]) -> Assignment:
        return Assignment(self.machine.name, tuple(self.nodes[i].node.number for i in nodes))
