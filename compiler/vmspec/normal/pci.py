"""Places on PCI: of the chipset's own devices, then of all others in libvirt's order, with the controllers that this needs.

Source: libvirt 9.0.0 src/qemu/qemu_domain_address.c (qemuDomainAssignPCIAddresses and what it calls).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import CcwAddress, PciAddress, VirtioMmioAddress
from vmspec.model.devices.hostdev import MdevHostdev, PciHostdev, VhostScsiHostdev
from vmspec.model.devices.network import HostdevPort, HostdevSource
from vmspec.model.domain import Domain
from vmspec.model.machine import ARM, arch, is_arm_virt, is_i440fx, is_pseries, is_q35, is_riscv, is_riscv_virt, machine
from vmspec.model.pci_topology import (
    DMI_BRIDGE,
    HD_AUDIO,
    ISA_BRIDGE,
    LPC_BRIDGE,
    POWER,
    SATA,
    SMBUS,
    USB2_SLOTS,
    BusConnect,
    builtin_place,
    first_video,
)
from vmspec.model.pci_topology import PciPlace as At
from vmspec.model.value import Symbol
from vmspec.normal.controllers import USB2, new, pci_target
from vmspec.normal.device_table import Seat, Seats, pci_present, pci_wanted
from vmspec.normal.guest import has_pci_root, has_pcie_root
from vmspec.normal.pci_buses import Buses, Unplaceable, bus
from vmspec.normal.pci_connect import Flags
from vmspec.normal.places import zpci
from vmspec.normal.target import Target

_USB2_FUNCTION = {"ich9-ehci1": 7, "ich9-uhci1": 0, "ich9-uhci2": 1, "ich9-uhci3": 2}
_NAMES = {
    "pci-bridge": "pci-bridge", "dmi-to-pci-bridge": "i82801b11-bridge", "pcie-to-pci-bridge": "pcie-pci-bridge",
    "pcie-switch-upstream-port": "x3130-upstream", "pcie-switch-downstream-port": "xio3130-downstream", "pci-expander-bus": "pxb",
    "pcie-expander-bus": "pxb-pcie",
}  # fmt: skip
_PIECE = BusConnect.AUTO | BusConnect.PCI


def assign(vm: Domain, target: Target) -> Domain:
    """Twice, as libvirt does: a trial that adds the buses that are missing, then the real assignment."""
    indexes = [c.index for c in vm.controller if c.type == "pci" and c.index is not None]
    if not indexes:
        return vm
    known = len(vm.controller)
    try:
        vm = _with_buses(vm, target, max(indexes))
        return zpci(_placed(vm, target), target, known) if _supports(vm, target) else vm
    except Unplaceable:
        return vm


def _supports(vm: Domain, target: Target) -> bool:
    """qemuDomainSupportsPCI, src/qemu/qemu_domain.c."""
    if arch(vm) not in ARM and not is_riscv(vm):
        return True
    return machine(vm) == "versatilepb" or ((is_arm_virt(vm) or is_riscv_virt(vm)) and target.has("gpex-pcihost"))


def _buses(seats: Seats, target: Target, count: int, grows: bool) -> Buses:
    """The buses of the domain with what the definition places on them."""
    vm = seats.vm
    default = "pci-root" if is_pseries(vm) else "pcie-root-port" if has_pcie_root(vm) else "pci-bridge"
    own = {c.index: c for seat in seats.of("controller") if (c := seats[seat]).type == "pci"}
    made = []
    for number in range(count):
        known = own.get(number)
        plugs = known is None or known.target is None or known.target.hotplug is not False
        made.append(bus(str(known.model) if known is not None and known.model else default if number else "pci-root", plugs))
    buses = Buses(made, grows, is_pseries(vm), target.has("pcie-pci-bridge"))
    flags = Flags(vm, target)
    for seat in seats:
        device = seats[seat]
        if pci_present(device) and not _builtin(vm, device):
            buses.reserve(_at(device.address), flags.of(device) or BusConnect.PCI)
    return buses


def _builtin(vm: Domain, device: Any) -> bool:
    """The IDE and USB controllers of the PIIX3, which are reserved with the chipset."""
    place = builtin_place(vm, device) if is_i440fx(vm) and isinstance(device, Controller) else None
    return place is not None and _at(device.address) == place


def _at(address: Any) -> At:
    return At(address.bus or 0, address.slot or 0, address.function or 0)


def _address(at: At, **more: Any) -> PciAddress:
    return PciAddress(domain=0, bus=at.bus, slot=at.slot, function=at.function, **more)


# ---------------------------------------------------------------------------------------------- the trial


def _with_buses(vm: Domain, target: Target, last: int) -> Domain:
    """The domain with the controllers that its devices need."""
    seats = Seats(vm)
    buses = _buses(seats, target, last + 1, grows=True)
    _chipset(seats, buses, target)
    if has_pci_root(vm) and not all(own.full for own in buses.all):
        buses.reserve_next(_PIECE)  # room for one more device, so that a bridge is added before there is none for it
    _slots(seats, buses, target, trial=True)
    if last <= 0 and len(buses.all) > last + 1 and has_pcie_root(vm):
        buses.reserve_next(BusConnect.AUTO | BusConnect.PCIE)  # a root port to plug into
    flags = Flags(vm, target)
    have = {c.index for c in vm.controller if c.type == "pci"}
    own, number = list(seats.domain().controller), 1
    own = list(vm.controller)
    while number < len(buses.all):
        if number not in have:
            controller = new("pci", number, buses.all[number].model)
            own.append(controller)
            if controller.model not in ("pci-root", "pcie-root"):
                buses.reserve_next(flags.of(controller))
        number += 1
    return vm.but(controller=tuple(own)) if len(own) > len(vm.controller) else vm


# ---------------------------------------------------------------------------------------------- places


def _placed(vm: Domain, target: Target) -> Domain:
    seats = Seats(vm)
    count = 1 + max(c.index or 0 for c in vm.controller if c.type == "pci")
    buses = _buses(seats, target, count, grows=False)
    _chipset(seats, buses, target)
    _slots(seats, buses, target, trial=False)
    _multifunction(seats)
    for seat in seats.of("controller"):
        if seats[seat].type == "pci":
            seats[seat] = _described(seats[seat], seats, target)
    return seats.domain()


def _chipset(seats: Seats, buses: Buses, target: Target) -> None:
    if is_i440fx(seats.vm):
        _piix3(seats, buses, target)
    elif is_q35(seats.vm):
        _ich9(seats, buses, target)


def _piix3(seats: Seats, buses: Buses, target: Target) -> None:
    """Slot 1 is the PIIX3's: ISA bridge, IDE, USB, power; slot 2 the first video card's (qemuDomainValidateDevicePCISlotsPIIX3)."""
    for seat in seats.of("controller"):
        own = seats[seat]
        place = builtin_place(seats.vm, own)
        if place is not None:
            if not pci_present(own):
                seats.place(seat, _address(place))
            buses.reserve(_at(seats[seat].address), _PIECE)
    buses.reserve(ISA_BRIDGE, _PIECE)
    buses.reserve(POWER, _PIECE)
    _first_video(seats, buses, target, _PIECE)


def _first_video(seats: Seats, buses: Buses, target: Target, flags: BusConnect) -> None:
    place = first_video(seats.vm)
    if not seats.of("video") or place is None:
        return
    seat = Seat("video", 0)
    if seats[seat].model in ("none", "ramfb") or not pci_wanted(seats[seat]):
        return
    if not buses.used(place):
        buses.reserve(place, flags)
        seats.place(seat, _address(place))
        return
    at = buses.reserve_next(Flags(seats.vm, target).of(seats[seat]))
    if not buses.grows:
        seats.place(seat, _address(at))


def _ich9(seats: Seats, buses: Buses, target: Target) -> None:
    """q35's own places: SATA, USB 2, the bridge to PCI, ISA and SMBus, first video card, HD audio (qemuDomainValidateDevicePCISlotsQ35)."""
    for seat in seats.of("controller"):
        own = seats[seat]
        if builtin_place(seats.vm, own) is not None:
            if not pci_present(own):
                seats.place(seat, _address(SATA))
                buses.reserve(SATA, BusConnect.PCIE)
        elif own.type == "usb" and own.model == "ich9-uhci1" and own.address is None:
            free = next((slot for slot in USB2_SLOTS if not buses.used(At(0, slot))), None)
            if free is not None:
                buses.reserve(At(0, free), BusConnect.PCIE)
                seats.place(seat, _address(At(0, free), multifunction=True))
        elif own.type == "pci" and own.model == "dmi-to-pci-bridge" and own.address is None and not buses.used(DMI_BRIDGE):
            buses.reserve(DMI_BRIDGE, BusConnect.PCIE)
            seats.place(seat, _address(DMI_BRIDGE))
    buses.reserve(LPC_BRIDGE, BusConnect.PCIE)
    buses.reserve(SMBUS, BusConnect.PCIE)
    _first_video(seats, buses, target, BusConnect.PCIE)
    if not buses.used(HD_AUDIO):
        sound = next((s for s in seats.of("sound") if seats[s].model == "ich9" and pci_wanted(seats[s])), None)
        if sound is not None:
            buses.reserve(HD_AUDIO, BusConnect.PCIE)
            seats.place(sound, _address(HD_AUDIO))


def _slots(seats: Seats, buses: Buses, target: Target, trial: bool) -> None:
    """qemuDomainAssignDevicePCISlots. A trial takes the places, and gives none."""
    flags = Flags(seats.vm, target)
    for seat in _in_order(seats):
        own = seats[seat]
        if not pci_wanted(own):
            continue
        if seat.kind == "controller" and own.type == "usb" and own.model in USB2:
            _companion(seats, buses, seat, flags.of(own), trial)
            continue
        at = buses.reserve_next(flags.of(own))
        if not trial:
            seats.place(seat, _address(at, **_zpci(own)))


def _zpci(own: Any) -> dict[str, Any]:
    known = own.address
    return {} if known is None else {k: v for k, v in vars(known).items() if k in ("zpci_uid", "zpci_fid", "multifunction")}


def _companion(seats: Seats, buses: Buses, seat: Seat, flags: BusConnect, trial: bool) -> None:
    """The parts of a USB 2 controller share a slot."""
    own = seats[seat]
    function = _USB2_FUNCTION[str(own.model)]
    multi = {"multifunction": True} if own.model == "ich9-uhci1" else {}
    mates = (seats[s] for s in seats.of("controller"))
    mate = next((m for m in mates if m.type == "usb" and m.model in USB2 and m.index == own.index and pci_present(m)), None)
    if mate is not None:
        at = buses.reserve(_at(mate.address)._replace(function=function), flags)
        seats.place(seat, _address(at, **multi))
        return
    at = buses.reserve_next(flags, function)
    if not trial:
        seats.place(seat, _address(at, **multi))


def _in_order(seats: Seats) -> Iterator[Seat]:
    controllers = seats.of("controller")
    yield from (s for s in controllers if seats[s].type == "pci" and seats[s].model not in ("pci-root", "pcie-root"))
    yield from seats.of("filesystem")
    yield from (s for s in seats.of("interface") if not isinstance(seats[s].source, HostdevPort))
    yield from (s for s in seats.of("sound") if seats[s].model not in ("sb16", "pcspk", "usb"))
    yield from (s for s in controllers if _needs_slot(seats[s]))
    elsewhere = (CcwAddress, VirtioMmioAddress)
    yield from (s for s in seats.of("disk") if seats[s].bus == "virtio" and not isinstance(seats[s].address, elsewhere))
    yield from (s for s in seats.of("interface") if isinstance(seats[s].source, HostdevSource))
    yield from (s for s in seats.of("hostdev") if _on_pci(seats[s].source))
    yield from (s for s in seats.of("balloon") if seats[s].model != "none")
    yield from seats.of("rng")
    yield from (s for s in seats.of("watchdog") if seats[s].model == "i6300esb")
    yield from (s for s in seats.of("video") if seats[s].model not in ("none", "ramfb"))
    yield from seats.of("shmem")
    yield from (s for s in seats.of("input") if seats[s].bus == "virtio")
    yield from (s for s in seats.of("serial") if seats[s].target == "pci-serial")
    yield from (s for s in seats.of("iommu") if seats[s].model == "virtio")
    yield from seats.of("vsock")
    yield from (s for s in seats.of("memory_device") if seats[s].model in ("virtio-pmem", "virtio-mem"))


def _needs_slot(own: Any) -> bool:
    if own.type in ("pci", "fdc", "ccid") or (own.type == "ide" and own.index == 0):
        return False
    return (own.type, own.model) not in (("usb", "none"), ("scsi", "ncr53c90"))


def _on_pci(source: Any) -> bool:
    return isinstance(source, (PciHostdev, VhostScsiHostdev)) or (isinstance(source, MdevHostdev) and source.model in (None, "vfio-pci"))


# ---------------------------------------------------------------------------------------------- afterwards


def _multifunction(seats: Seats) -> None:
    """Function 0 says that its slot holds others (virDomainPCIAddressSetAllMulti, src/conf/domain_addr.c)."""
    others = {(a.bus, a.slot) for s in seats if isinstance(a := seats[s].address, PciAddress) and a.function}
    done: set[tuple[int | None, int | None]] = set()
    for seat in seats:
        at = seats[seat].address
        if isinstance(at, PciAddress) and not at.function and (at.bus, at.slot) in others - done:
            done.add((at.bus, at.slot))
            if at.multifunction is None:
                seats.place(seat, at.but(multifunction=True))


def _described(own: Any, seats: Seats, target: Target) -> Any:
    """The device behind a controller, and its numbers (qemuDomainPCIControllerSetDefaultModelName, qemuDomainAssignPCIAddresses)."""
    at = _at(own.address) if isinstance(own.address, PciAddress) else At(0, 0)
    model = str(own.model)
    name = _NAMES.get(model)
    if model == "pcie-root-port":
        name = "pcie-root-port" if target.has("pcie-root-port") else "ioh3420"
    if model == "pci-root" and is_pseries(seats.vm):
        name = "spapr-pci-host-bridge"
    if own.model_name is None and name is not None:
        own = own.but(model_name=Symbol(name))
    match model:
        case "pci-bridge":
            return pci_target(own, chassis_nr=own.index)
        case "pcie-root-port":
            return pci_target(own, chassis=own.index, port=(at.slot << 3) + at.function)
        case "pcie-switch-downstream-port":
            return pci_target(own, chassis=own.index, port=at.slot)
        case "pci-expander-bus" | "pcie-expander-bus":
            return pci_target(own, bus_nr=_bus_number(seats))
        case "pci-root" if is_pseries(seats.vm):
            return pci_target(own, index=_host_bridge(own, seats))
        case _:
            return own


def _bus_number(seats: Seats) -> int:
    """Two below the lowest (qemuDomainAddressFindNewBusNr)."""
    targets = (seats[s].target for s in seats.of("controller"))
    return min((t.bus_nr for t in targets if t is not None and t.bus_nr is not None), default=256) - 2


def _host_bridge(own: Any, seats: Seats) -> int:
    """0 for the first host bridge, the lowest free number for others (qemuDomainAddressFindNewTargetIndex)."""
    if own.index == 0:
        return 0
    taken = {t.index for s in seats.of("controller") if (t := seats[s].target) is not None}
    return next(n for n in range(1, 32) if n not in taken)
