"""Groups devices that are functions of one multifunction device and share a PCI slot.

Sources: PCI Express Base Specification (a device behind a port has number 0: what is there with a function 0 is one device; virtual
functions have other numbers); libvirt 9.0.0 src/qemu/qemu_domain_address.c (qemuDomainAssignDevicePCISlots: functions of ICH9's USB;
qemuDomainValidateDevicePCISlotsQ35: 00:1d is the first one's place, 00:1a the second's).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from vmspec.lower.fleet import Vm
from vmspec.lower.layout.v1 import Connect, Family, Pci, Wanted
from vmspec.model.devices.hostdev import Hostdev, PciHostdev

ICH9 = {"ich9-uhci1": 0, "ich9-uhci2": 1, "ich9-uhci3": 2, "ich9-ehci1": 7}
"""The PCI functions of ICH9's USB controllers, which together are one USB 2 bus."""
ICH9_SLOTS = (0x1D, 0x1A)


def functions(vm: Vm, machine: Family) -> Mapping[str, Wanted]:
    """By the key of each function, the device as a whole. A device with a single function is not here, nor is one with an address."""
    return {key: whole for whole in (*_hostdevs(vm), *_usb(vm, machine)) for key, _ in whole.functions}


def _hostdevs(vm: Vm) -> Iterator[Wanted]:
    for members in _grouped((_physical(h), (f"hostdev.{h.label}", _number(h))) for h in vm.spec.hostdev if h.address is None):
        members.sort(key=lambda member: member[1])
        (key, first), *others = members
        if first == 0 and others:
            yield Wanted(key, Connect.EXPRESS, None, 0, tuple(others))


def _number(device: Hostdev) -> int:
    return device.source.function or 0 if isinstance(device.source, PciHostdev) else 0


def _physical(device: Hostdev) -> tuple[int, int, int] | None:
    """Domain, bus and slot on the host of what can only be one device."""
    source = device.source
    if not isinstance(source, PciHostdev):
        return None
    bus, slot = source.bus or 0, source.slot or 0
    return (source.domain or 0, bus, slot) if slot == 0 or bus == 0 else None


def _usb(vm: Vm, machine: Family) -> Iterator[Wanted]:
    seats = iter(ICH9_SLOTS if machine is Family.Q35 else ())
    buses = (
        ((c.index or 0,), (f"controller.{c.label}", ICH9[str(c.model)]))
        for c in vm.spec.controller
        if c.type == "usb" and str(c.model) in ICH9 and c.address is None
    )
    for members in _grouped(buses):
        (key, function), *others = members
        slot = next(seats, None)
        if others:
            yield Wanted(key, Connect.CONVENTIONAL, None if slot is None else Pci(0, slot), function, tuple(others))


def _grouped(members: Iterable[tuple[tuple[int, ...] | None, tuple[str, int]]]) -> Iterator[list[tuple[str, int]]]:
    """Each function of a device once: a second one of the same number is a device by itself."""
    found: dict[tuple[int, ...], list[tuple[str, int]]] = {}
    for group, member in members:
        held = found.setdefault(group, []) if group is not None else []
        if all(member[1] != function for _, function in held):
            held.append(member)
    yield from found.values()
