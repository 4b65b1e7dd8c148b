"""Ports of USB devices, and the hubs that many devices need.

Source: libvirt 9.0.0 qemuDomainAssignUSBAddresses (src/qemu/qemu_domain_address.c), virDomainUSBAddress… (src/conf/domain_addr.c),
virDomainUSBDeviceDefForeach (src/conf/domain_conf.c).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import UsbAddress
from vmspec.model.devices.hostdev import UsbHostdev
from vmspec.model.devices.hub import Hub
from vmspec.model.domain import Domain
from vmspec.model.value import Symbol
from vmspec.normal.device_table import Seat, Seats
from vmspec.normal.edit import labelled
from vmspec.normal.target import Target

HUB_PORTS = 8
DEPTH = 4
"""Hubs in a row, the controller included (VIR_DOMAIN_DEVICE_USB_MAX_PORT_DEPTH)."""
_PORTS = {"piix3-uhci": 2, "piix4-uhci": 2, "vt82c686b-uhci": 2, "ehci": 6, "ich9-ehci1": 6, "pci-ohci": 3}
"""virDomainUSBAddressControllerModelToPorts; companions of USB 2 have none of their own here."""


@dataclass
class UsbNode:
    """A controller or hub: its ports, those that are taken, and the hubs on them."""

    ports: int
    taken: set[int] = field(default_factory=set)
    hubs: dict[int, UsbNode] = field(default_factory=dict)

    def free(self, depth: int = 0) -> tuple[int, ...] | None:
        """The way to the first free port: own ports before those of hubs."""
        port = next((n for n in range(1, self.ports + 1) if n not in self.taken), None)
        if port is not None:
            return (port,)
        if depth >= DEPTH - 1:
            return None
        for port in sorted(self.hubs):
            below = self.hubs[port].free(depth + 1)
            if below is not None:
                return (port, *below)
        return None

    def take(self, way: tuple[int, ...], hub: bool = False) -> None:
        node = self
        for port in way[:-1]:
            if port not in node.hubs:
                return
            node = node.hubs[port]
        node.taken.add(way[-1])
        if hub:
            node.hubs[way[-1]] = UsbNode(HUB_PORTS)


def assign(vm: Domain, target: Target) -> Domain:
    """Only of a new definition, or of one where every port is said."""
    seats = Seats(vm)
    if not target.new and not all(_way(seats[seat].address) for seat in _devices(seats, hubs=True)):
        return vm
    missing = sum(1 for _ in _devices(seats, hubs=True)) - _all_ports(seats)
    for _ in range(-(-(missing + 1) // (HUB_PORTS - 1)) if missing > 0 else 0):
        seats.add("hub", labelled(Hub, f"hub{len(seats.of('hub'))}", type=Symbol("usb")))
    buses = {c.index or 0: UsbNode(_ports(c)) for seat in seats.of("controller") if (c := seats[seat]).type == "usb" and _ports(c)}
    for seat in seats.of("hub"):
        _take(buses, seats[seat].address, hub=True)
    for seat in _devices(seats, hubs=False):
        _take(buses, seats[seat].address)
    for seat in (*seats.of("hub"), *_devices(seats, hubs=False)):
        if seats[seat].address is None or (isinstance(seats[seat].address, UsbAddress) and not _way(seats[seat].address)):
            _give(seats, seat, buses)
    return seats.domain()


def _devices(seats: Seats, hubs: bool) -> Iterator[Seat]:
    if hubs:
        yield from seats.of("hub")
    yield from (s for s in seats.of("hostdev") if isinstance(seats[s].source, UsbHostdev))
    yield from (s for s in seats.of("disk") if seats[s].bus == "usb")
    yield from (s for s in seats.of("controller") if seats[s].type == "ccid")
    yield from (s for s in seats.of("input") if seats[s].bus == "usb")
    yield from (s for s in seats.of("serial") if seats[s].target == "usb-serial")
    yield from (s for s in seats.of("sound") if seats[s].model == "usb")
    yield from (s for s in seats.of("redirdev") if seats[s].bus == "usb")


def _ports(own: Controller) -> int:
    model = str(own.model or "")
    if model in ("nec-xhci", "qemu-xhci"):
        return own.ports if own.ports is not None else 4
    if not model:
        return 2
    return _PORTS.get(model, 0)


def _all_ports(seats: Seats) -> int:
    controllers = (seats[seat] for seat in seats.of("controller"))
    return sum(_ports(c) for c in controllers if c.type == "usb") + HUB_PORTS * len(seats.of("hub"))


def _way(address: object) -> tuple[int, ...]:
    if not isinstance(address, UsbAddress) or not address.port:
        return ()
    way = tuple(int(part, 0) for part in address.port.split("."))
    return way if way[0] else ()


def _take(buses: dict[int, UsbNode], address: object, hub: bool = False) -> None:
    way = _way(address)
    if way and isinstance(address, UsbAddress) and (address.bus or 0) in buses:
        buses[address.bus or 0].take(way, hub)


def _give(seats: Seats, seat: Seat, buses: dict[int, UsbNode]) -> None:
    wanted = seats[seat].address
    numbers = [wanted.bus or 0] if isinstance(wanted, UsbAddress) else sorted(buses)
    for number in numbers:
        way = buses[number].free() if number in buses else None
        if way is not None:
            buses[number].take(way, hub=seat.kind == "hub")
            seats.place(seat, UsbAddress(bus=number, port=Symbol(".".join(map(str, way)))))
            return
