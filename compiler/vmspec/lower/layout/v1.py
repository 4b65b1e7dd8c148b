"""Layout 1 of PCI: which bus, slot and function each device of a guest gets, and the controllers that this needs.

Contract: a device that has an address (written by the user, or kept in the lock) keeps it whatever is added or removed beside
it; a new device takes the lowest place that nobody has or had. A PCIe root port's own place follows from its index alone.

Sources: libvirt 9.0.0 src/qemu/qemu_domain_address.c (qemuDomainValidateDevicePCISlotsQ35, …PIIX3: the chipset's own places;
qemuDomainDeviceCalculatePCIConnectFlags: what sits where) and docs/pci-hotplug.rst (q35 can plug only into free root ports).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from vmspec.base.record import field, record

SPARE_PORTS = 4
"""Free root ports beyond the last used one, so that as many devices can be plugged in while the guest runs."""
FIRST_PORT_SLOT, LAST_PORT_SLOT = 0x02, 0x18
"""Slots of bus 0 that hold our root ports, eight functions each; slot 1 is the primary video's, 0x1a up the chipset's."""
LAST_BUS = (LAST_PORT_SLOT - FIRST_PORT_SLOT + 1) * 8


class Family(Enum):
    """A family of machines whose buses layout 1 knows."""

    Q35 = "q35"
    I440FX = "i440fx"
    VIRT = "virt"
    """The `virt` machine of aarch64 and riscv64: a PCIe root complex without a PC chipset."""


class Connect(Enum):
    """How a device model connects."""

    EXPRESS = "express"
    CONVENTIONAL = "conventional"


class Pci(NamedTuple):
    """An address in domain 0."""

    bus: int
    slot: int
    function: int = 0

    def __str__(self) -> str:
        return f"{self.bus:02x}:{self.slot:02x}.{self.function}"


@record(frozen=True, slots=True)
class Wanted:
    """A device without an address: `key` names it in the lock; `prefer` is the chipset's own place for it, if that is free."""

    key: str
    connect: Connect
    prefer: Pci | None = None
    function: int = 0
    others: tuple[tuple[str, int], ...] = ()
    """More functions of the same device, by key: they share its slot."""

    @property
    def functions(self) -> tuple[tuple[str, int], ...]:
        return (self.key, self.function), *self.others


@record(frozen=True, slots=True)
class PciController:
    """A bus to emit. `address` is None for the root. `chassis` and `port` are a root port's, `chassis` alone a pci-bridge's number."""

    index: int
    model: str
    address: Pci | None = None
    multifunction: bool = False
    chassis: int | None = None
    port: int | None = None


@record(frozen=True, slots=True)
class Layout:
    """The result. `kept` goes into the lock: every address assigned here, and those of removed devices."""

    addresses: Mapping[str, Pci]
    controllers: tuple[PciController, ...]
    kept: Mapping[str, str]
    homeless: tuple[str, ...] = ()
    """Keys of devices for which no place is left."""


def parse(text: str) -> Pci | None:
    """`03:00.0` as the lock writes it; None where it is not an address."""
    try:
        bus, rest = text.split(":")
        slot, function = rest.split(".")
        place = Pci(int(bus, 16), int(slot, 16), int(function, 8))
    except ValueError:
        return None
    return place if place.bus < 256 and place.slot < 32 and place.function < 8 and str(place) == text else None


@lru_cache(maxsize=4096)
def assign(
    family: Family,
    wanted: tuple[Wanted, ...],
    taken: tuple[Pci, ...] = (),
    kept: tuple[tuple[str, str], ...] = (),
    buses: tuple[tuple[int, str], ...] = (),
) -> Layout:
    """`taken`: addresses that the user wrote. `kept`: the lock's. `buses`: PCI controllers that the user wrote, (index, model);
    we put none of our devices on them. Pure, and remembered: guests of one shape share their layout."""
    return _Plan(family, set(taken), dict(kept), dict(buses)).run(wanted)


@record
class _Plan:
    family: Family
    taken: set[Pci]
    kept: dict[str, str]
    buses: dict[int, str]
    addresses: dict[str, Pci] = field(default_factory=dict)
    bridges: dict[int, Pci] = field(default_factory=dict)
    """Our bridges to conventional PCI: index → address of the bridge."""
    homeless: list[str] = field(default_factory=list)
    user_taken: frozenset[Pci] = frozenset()
    emitted: int = 0
    """The highest index that the guest had before, according to the lock."""

    def run(self, wanted: tuple[Wanted, ...]) -> Layout:
        self.user_taken = frozenset(self.taken)
        self._recall()
        for key, _ in (function for device in wanted for function in device.functions):
            if key in self.kept and (place := parse(self.kept[key])) is not None and place not in self.user_taken:
                self.addresses[key] = place
        for device in wanted:
            if any(key not in self.addresses for key, _ in device.functions):
                self._place(device)
        kept = {**self.kept, **{key: str(place) for key, place in self.addresses.items()}}
        return Layout(self.addresses, tuple(self._controllers()), dict(sorted(kept.items())), tuple(self.homeless))

    def _recall(self) -> None:
        """Reserve the addresses of the lock, also for removed devices; for bridges it holds `index@place`."""
        if self.kept:
            places = [p for text in self.kept.values() if (p := parse(text.rpartition("@")[2])) is not None]
            indexes = [int(text.partition("@")[0]) for text in self.kept.values() if "@" in text]
            self.emitted = max([0, *(p.bus for p in places), *indexes]) + SPARE_PORTS
        for key, text in self.kept.items():
            index, at, place = text.rpartition("@")
            where = parse(place)
            if where is None:
                continue
            self.taken.add(where)
            if at and key.startswith(BRIDGE_KEY):
                self.bridges[int(index)] = where

    def _place(self, device: Wanted) -> None:
        known = next((self.addresses[key] for key, _ in device.functions if key in self.addresses), None)
        place = known or (device.prefer if self._is_free(device) else self._find(device.connect))
        for key, function in device.functions:
            if key in self.addresses:
                continue
            at = self._function(place, function if device.others else place.function) if place is not None else None
            if at is None:
                self.homeless.append(key)
                continue
            self.taken.add(at)
            self.addresses[key] = at

    def _is_free(self, device: Wanted) -> bool:
        place = device.prefer
        if place is None or place in self.taken:
            return False
        return not device.others or not any((p.bus, p.slot) == (place.bus, place.slot) for p in self.taken)

    def _function(self, place: Pci, wanted: int) -> Pci | None:
        """That function of the slot, or the first free one."""
        numbers = (wanted, *range(8))
        return next((at for n in numbers if (at := place._replace(function=n)) not in self.taken), None)

    def _find(self, connect: Connect) -> Pci | None:
        if self.family is Family.I440FX:
            return self._free_slot(0, I440FX_SLOTS) or self._on_bridge()
        return self._free_port() if connect is Connect.EXPRESS else self._on_bridge()

    def _free_slot(self, bus: int, slots: Iterable[int]) -> Pci | None:
        used = {p.slot for p in self.taken if p.bus == bus}
        slot = next((s for s in slots if s not in used), None)
        return None if slot is None else Pci(bus, slot)

    def _free_port(self, above: int = 0) -> Pci | None:
        """A root port of ours that is empty: its bus number is its index."""
        used = {p.bus for p in self.taken} | set(self.bridges) | set(self.buses)
        bus = next((n for n in range(above + 1, LAST_BUS - SPARE_PORTS) if n not in used), None)
        return None if bus is None else Pci(bus, 0)

    def _on_bridge(self) -> Pci | None:
        for index in sorted(self.bridges):
            if (place := self._free_slot(index, range(1, 32))) is not None:
                return place
        made = self._new_bridge()
        return None if made is None else Pci(made, 1)

    def _new_bridge(self) -> int | None:
        """On q35 a bridge takes a root port and an index: none of a port that the guest has, spare ones included, and never that of
        function 0 of a slot, for without a function 0 a guest does not look at the others."""
        if self.family is Family.I440FX:
            seat = self._free_slot(0, I440FX_BRIDGE_SLOTS)
            index: int = next(n for n in range(1, 256) if n not in self.bridges and n not in self.buses)
        else:
            seat = self._free_port()
            at = self._free_port(max(seat.bus, self.emitted)) if seat else None
            while at is not None and (at.bus - 1) % 8 == 0:
                at = self._free_port(at.bus)
            if at is None:
                return None
            index = at.bus
        if seat is None:
            return None
        self.taken.add(seat)
        self.bridges[index] = seat
        self.kept[f"{BRIDGE_KEY}{index}"] = f"{index}@{seat}"
        return index

    def _controllers(self) -> Iterable[PciController]:
        root = "pci-root" if self.family is Family.I440FX else "pcie-root"
        if 0 not in self.buses:
            yield PciController(0, root)
        last = max((p.bus for p in self.taken), default=0)
        if self.family is Family.I440FX:
            yield from (PciController(n, "pci-bridge", seat, chassis=n) for n, seat in sorted(self.bridges.items()))
            return
        last = max([last, *self.bridges, *self.buses]) + SPARE_PORTS
        ports = [n for n in range(1, min(last, LAST_BUS) + 1) if n not in self.buses and n not in self.bridges]
        seats = {n: self._seat(n, ports) for n in ports}
        for n in range(1, last + 1):
            if n in self.bridges:
                yield PciController(n, "pcie-to-pci-bridge", self.bridges[n])
            elif n in seats:
                seat = seats[n]
                # Function 0 always says that more may follow: the port must not change when they do.
                yield PciController(n, "pcie-root-port", seat, seat.function == 0, n, seat.slot << 3 | seat.function)

    def _seat(self, index: int, ports: list[int]) -> Pci:
        """Of the root port of an index. Where the user put something in that slot, a slot of its own further up. Where the index of
        function 0 is that of another controller, the first port of the slot has function 0: without one a guest sees none of them."""
        slot, function = divmod(index - 1, 8)
        if function and not any(n in ports for n in range(index - function, index)):
            function = 0
        seat = Pci(0, FIRST_PORT_SLOT + slot, function)
        if not any(p.bus == 0 and p.slot == seat.slot for p in self.user_taken):
            return seat
        free = self._free_slot(0, range(LAST_PORT_SLOT, FIRST_PORT_SLOT, -1))
        assert free is not None, "a layout of 184 ports leaves room"
        self.taken.add(free)
        return free


BRIDGE_KEY = "bridge."
I440FX_SLOTS = tuple(range(0x03, 0x1D))
"""Slot 1 is the PIIX3 (ISA, IDE, USB), slot 2 the primary video's."""
I440FX_BRIDGE_SLOTS = (0x1F, 0x1E, 0x1D)
