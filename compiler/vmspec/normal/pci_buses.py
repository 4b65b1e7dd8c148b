"""The places of a guest's PCI buses: which are taken, where the next device goes, and when a bus must be added.

Source: libvirt 9.0.0 src/conf/domain_addr.c (virDomainPCIAddressReserveAddrInternal, …GetNextAddr, …SetGrow, …FlagsCompatible).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vmspec.model.pci_topology import BUSES, ENDPOINT, TYPES, BusConnect
from vmspec.model.pci_topology import PciPlace as At


class Unplaceable(Exception):
    """libvirt would refuse the definition here: there is nothing to predict."""


@dataclass
class Bus:
    model: str
    takes: BusConnect
    first: int
    last: int
    slots: dict[int, int] = field(default_factory=dict)
    """Slot → bits of the functions that are taken."""
    shared: set[int] = field(default_factory=set)
    """Slots whose devices share them."""

    @property
    def full(self) -> bool:
        return all(self.slots.get(slot) for slot in range(self.first, self.last + 1))


def bus(model: str, hotplug: bool = True) -> Bus:
    takes, plugs, first, last = BUSES[model]
    return Bus(model, takes | BusConnect.HOTPLUG if plugs and hotplug else takes, first, last)


@dataclass
class Buses:
    all: list[Bus]
    grows: bool
    """A trial: a bus that is missing is added."""
    several_roots: bool
    express_bridge: bool

    def reserve(self, at: At, flags: BusConnect, written: bool = True) -> At:
        """Takes a place; `written`: the definition says it, and libvirt is then less strict."""
        if self.grows:
            at = self._grow(at, flags)
        if at.bus >= len(self.all) or not self._fits(at, self.all[at.bus], flags, written):
            raise Unplaceable(f"{flags} at {at}")
        own = self.all[at.bus]
        if own.slots.get(at.slot, 0) >> at.function & 1 or at.slot < own.first or at.slot > own.last:
            raise Unplaceable(str(at))
        if not own.slots.get(at.slot) and BusConnect.AGGREGATE in flags:
            own.shared.add(at.slot)
        own.slots[at.slot] = own.slots.get(at.slot, 0) | 1 << at.function
        return at

    def used(self, at: At) -> bool:
        return bool(self.all[at.bus].slots.get(at.slot))

    def reserve_next(self, flags: BusConnect, function: int | None = None) -> At:
        """Takes the first place that fits, on the first bus that has one."""
        for number, own in enumerate(self.all):
            at = self._free_on(number, own, flags, function)
            if at is not None:
                return self.reserve(at, flags, written=False)
        if not self.grows:
            raise Unplaceable(f"no bus for {flags}")
        at = self._grow(At(len(self.all), 0, function or 0), flags)
        return self.reserve(at._replace(slot=self.all[at.bus].first), flags, written=False)

    def _free_on(self, number: int, own: Bus, flags: BusConnect, function: int | None) -> At | None:
        start = function or 0
        if not self._fits(At(number, own.first, start), own, flags, written=False):
            return None
        for slot in range(own.first, own.last + 1):
            taken = own.slots.get(slot, 0)
            if not taken:
                return At(number, slot, start)
            if BusConnect.AGGREGATE in flags and slot in own.shared:
                free = [f for f in ([start] if function is not None else range(8)) if not taken >> f & 1]
                if free:
                    return At(number, slot, free[0])
        return None

    @staticmethod
    def _fits(at: At, own: Bus, flags: BusConnect, written: bool) -> bool:
        takes = own.takes
        if BusConnect.INTEGRATED in flags:
            if at.bus:
                return False
            takes |= BusConnect.AUTO
        if written:
            takes |= ENDPOINT if takes & ENDPOINT else BusConnect.NONE
            flags |= BusConnect.PCI if BusConnect.BRIDGE in flags else BusConnect.NONE
        elif BusConnect.AUTO in flags and BusConnect.AUTO not in takes:
            return False
        return bool(flags & takes & TYPES)

    def _grow(self, at: At, flags: BusConnect) -> At:
        """The buses up to this one are added; a conventional device on a purely express guest brings the bridge to it, too."""
        missing = at.bus - len(self.all) + 1
        if missing <= 0:
            return at
        model, first = self._model(flags), list[Bus]()
        if model == "pci-bridge" and not any(BusConnect.BRIDGE in own.takes for own in self.all):
            if missing == 1:
                missing, at = 2, at._replace(bus=at.bus + 1)
            if self.express_bridge:
                first = [Bus("pcie-root-port", BusConnect.PCIE_BRIDGE, 0, 0), bus("pcie-to-pci-bridge")]
            else:
                first = [bus("dmi-to-pci-bridge", hotplug=False)]
        self.all += [*first, *(bus(model) for _ in range(missing - len(first)))]
        return at

    def _model(self, flags: BusConnect) -> str:
        if BusConnect.PCI in flags:
            return "pci-root" if self.several_roots else "pci-bridge"
        if flags & (BusConnect.PCIE | BusConnect.UPSTREAM):
            return "pcie-root-port"
        raise Unplaceable(f"no bus can be added for {flags}")
