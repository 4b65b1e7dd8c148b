"""Places on every bus but PCI and USB: virtio-serial ports, pSeries registers, s390x channels, MMIO, memory slots.

Source: libvirt 9.0.0 src/qemu/qemu_domain_address.c (qemuDomainAssign…Addresses) and src/conf/domain_addr.c.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vmspec.model.devices.device import (
    CcidAddress,
    CcwAddress,
    DimmAddress,
    DriveAddress,
    PciAddress,
    SpaprVioAddress,
    UsbAddress,
    VirtioMmioAddress,
    VirtioSerialAddress,
)
from vmspec.model.devices.hostdev import MdevHostdev, PciHostdev, VhostScsiHostdev
from vmspec.model.devices.network import HostdevSource
from vmspec.model.devices.storage import NvmeSource
from vmspec.model.domain import Domain
from vmspec.model.machine import ARM, arch, is_arm_virt, is_pseries, is_riscv, is_riscv_virt, is_s390_ccw, machine
from vmspec.normal.controllers import added
from vmspec.normal.device_table import Seat, Seats
from vmspec.normal.edit import without
from vmspec.normal.guest import has_pcie_root
from vmspec.normal.target import Target

SERIAL_PORTS = 31
"""VIR_DOMAIN_DEFAULT_VIRTIO_SERIAL_PORTS, src/conf/domain_addr.c."""
_NET, _SCSI, _NVRAM, _TPM, _SERIAL, _STEP = 0x1000, 0x2000, 0x3000, 0x4000, 0x30000000, 0x1000
"""Registers, as QEMU gives them (src/qemu/qemu_domain_address.c)."""
_CSSID = 0xFE
"""The channel subsystem of virtio devices."""


_NUMBERS: dict[type[Any], tuple[str, ...]] = {
    PciAddress: ("domain", "bus", "slot", "function"),
    DriveAddress: ("controller", "bus", "target", "unit"),
    VirtioSerialAddress: ("controller", "bus", "port"),
    CcidAddress: ("controller", "slot"),
    UsbAddress: ("bus",),
    DimmAddress: ("slot",),
}
_HOST = (HostdevSource, PciHostdev, NvmeSource)


def numbers(vm: Domain, target: Target) -> Domain:
    """A number that an address leaves out is 0, on the host too; a PCI address of zeroes is none (virDomainDeviceInfoFormat,
    virPCIDeviceAddressFormat, src/conf/domain_conf.c and device_conf.c 9.0.0)."""
    seats = Seats(vm)
    for seat in seats:
        at = seats[seat].address
        if type(at) in _NUMBERS:
            seats.place(seat, _numbered(at))
        source = getattr(seats[seat], "source", None)
        if isinstance(source, _HOST):
            host = {name: 0 for name in _NUMBERS[PciAddress] if getattr(source, name) is None}
            seats[seat] = seats[seat].but(source=without(source.but(**host), "multifunction"))
    return seats.domain()


def _numbered(at: Any) -> Any:
    missing = {name: 0 for name in _NUMBERS[type(at)] if getattr(at, name) is None}
    at = at.but(**missing) if missing else at
    if isinstance(at, PciAddress) and not (at.domain or at.bus or at.slot):
        return without(at, *_NUMBERS[PciAddress])
    return without(at, "base") if isinstance(at, DimmAddress) and not at.base else at


def virtio_serial(vm: Domain, target: Target) -> Domain:
    """Consoles take ports from 0 but show none; channels get one from 1 (qemuDomainAssignVirtioSerialAddresses)."""
    taken: dict[int, set[int]] = {}
    for device in (*vm.console, *vm.channel):
        at = device.address
        if isinstance(at, VirtioSerialAddress) and at.port:
            taken.setdefault(at.controller or 0, set()).add(at.port)
    for device in vm.console:
        if device.target == "virtio" and not _complete(device):
            vm, _ = _next(vm, taken, device, 0)
    channels = list(vm.channel)
    for position, channel in enumerate(channels):
        if channel.target == "virtio" and not _complete(channel):
            vm, where = _next(vm, taken, channel, 1)
            channels[position] = channel.but(address=VirtioSerialAddress(controller=where[0], bus=0, port=where[1]))
    return vm.but(channel=tuple(channels))


def _complete(device: Any) -> bool:
    return isinstance(device.address, VirtioSerialAddress) and bool(device.address.port)


def _next(vm: Domain, taken: dict[int, set[int]], device: Any, first: int) -> tuple[Domain, tuple[int, int]]:
    known = {c.index or 0: c.ports for c in vm.controller if c.type == "virtio-serial"}
    own = isinstance(device.address, VirtioSerialAddress)
    numbers = [device.address.controller or 0] if own else sorted(known)
    for number in numbers:
        ports = known.get(number)
        for port in range(1 if own else first, SERIAL_PORTS if ports is None else ports):
            if port not in taken.setdefault(number, set()):
                taken[number].add(port)
                return vm, (number, port)
    number = next(n for n in range(65536) if n not in known)
    taken.setdefault(number, set()).add(first)
    return added(vm, "virtio-serial", number), (number, first)


def spapr_vio(vm: Domain, target: Target) -> Domain:
    """Registers of pSeries devices: a default of each kind, 0x1000 further where that is taken (qemuDomainAssignSpaprVIOAddresses)."""
    seats = Seats(vm)
    for seat, default, own in _spapr(seats):
        device = seats[seat]
        if own and not isinstance(device.address, SpaprVioAddress):
            seats.place(seat, SpaprVioAddress())
        if isinstance(seats[seat].address, SpaprVioAddress) and seats[seat].address.reg is None:
            taken = {a.reg for s in seats if isinstance(a := seats[s].address, SpaprVioAddress)}
            reg = next(r for r in range(default, default + _STEP * 65536, _STEP) if r not in taken)
            seats.place(seat, SpaprVioAddress(reg=reg))
    return seats.domain()


def _spapr(seats: Seats) -> Iterator[tuple[Seat, int, bool]]:
    pseries = is_pseries(seats.vm)
    yield from ((s, _NET, seats[s].model == "spapr-vlan") for s in seats.of("interface"))
    yield from ((s, _SCSI, seats[s].type == "scsi" and seats[s].model == "ibmvscsi") for s in seats.of("controller"))
    yield from ((s, _SERIAL, seats[s].target == "spapr-vio-serial") for s in seats.of("serial"))
    yield from ((s, _NVRAM, pseries) for s in seats.of("nvram"))
    yield from ((s, _TPM, pseries and seats[s].model != "spapr-tpm-proxy") for s in seats.of("tpm"))


def channels(vm: Domain, target: Target) -> Domain:
    """Virtio devices of s390x are channel devices, numbered as they stand (qemuDomainAssignS390Addresses)."""
    if not is_s390_ccw(vm):
        return vm
    seats = Seats(vm)
    for seat in seats:
        device = seats[seat]
        if isinstance(device.address, CcwAddress) and device.address.devno is None:
            seats.place(seat, CcwAddress())
        if seat.kind == "hostdev" and isinstance(device.source, MdevHostdev):
            if device.source.model == "vfio-ap" and target.has("vfio-ccw"):
                seats[seat] = without(device, "address")
            elif device.source.model == "vfio-ccw" and device.address is None and target.has("vfio-ccw"):
                seats.place(seat, CcwAddress())
        elif device.address is None and (_is_virtio(seat, device) or seat.kind in ("filesystem", "vsock")):
            seats.place(seat, CcwAddress())
    taken = {(a.cssid, a.ssid, a.devno) for s in seats if isinstance(a := seats[s].address, CcwAddress) and a.devno is not None}
    for seat in seats:
        at = seats[seat].address
        if isinstance(at, CcwAddress) and at.devno is None:
            number = next(n for n in range(0x10000) if (_CSSID, 0, n) not in taken)
            taken.add((_CSSID, 0, number))
            seats.place(seat, CcwAddress(cssid=_CSSID, ssid=0, devno=number))
    return seats.domain()


def _is_virtio(seat: Seat, device: Any) -> bool:
    """qemuDomainPrimeVirtioDeviceAddresses."""
    match seat.kind:
        case "disk" | "input":
            return bool(device.bus == "virtio")
        case "interface":
            return device.model in ("virtio", "virtio-transitional", "virtio-non-transitional")
        case "video":
            return bool(device.model == "virtio")
        case "controller":
            return device.type in ("virtio-serial", "scsi")
        case "hostdev":
            return isinstance(device.source, VhostScsiHostdev)
        case "balloon":
            return bool(device.model != "none")
        case "memory_device":
            return device.model in ("virtio-pmem", "virtio-mem")
        case _:
            return seat.kind == "rng"


def mmio(vm: Domain, target: Target) -> Domain:
    """Virtio devices of ARM and RISC-V without PCI Express are on the memory-mapped bus (qemuDomainAssignVirtioMMIOAddresses)."""
    if (arch(vm) not in ARM and not is_riscv(vm)) or not (machine(vm).startswith("vexpress-") or is_arm_virt(vm) or is_riscv_virt(vm)):
        return vm
    seats = Seats(vm)
    mapped = any(isinstance(seats[seat].address, VirtioMmioAddress) for seat in seats)
    ports = target.has("pcie-root-port") or target.has("ioh3420")
    if (has_pcie_root(vm) and ports and not mapped) or not target.has("virtio-mmio"):
        return vm
    for seat in seats:
        if seats[seat].address is None and _is_virtio(seat, seats[seat]):
            seats.place(seat, VirtioMmioAddress())
    return seats.domain()


def zpci(vm: Domain, target: Target, known: int) -> Domain:
    """A PCI device of s390x has a user id and a function id, but none of the controllers that were only just added
    (virDomainZPCIAddressEnsureAddr, src/conf/domain_addr.c); `known` is how many there were before."""
    if not target.has("zpci") or arch(vm) not in ("s390", "s390x"):
        return vm
    seats = Seats(vm)
    places = [s for s in seats if isinstance(seats[s].address, PciAddress) and s.kind not in ("serial", "parallel", "console", "channel")]
    places = [s for s in places if s.kind != "controller" or s.at < known]
    said = [s for s in places if seats[s].address.zpci_uid is not None or seats[s].address.zpci_fid is not None]
    uids: set[int] = set()
    fids: set[int] = set()
    for seat in (*said, *(s for s in places if s not in said)):
        at = seats[seat].address
        uid = at.zpci_uid if at.zpci_uid is not None else next(n for n in range(1, 0x10000) if n not in uids)
        fid = at.zpci_fid if at.zpci_fid is not None else next(n for n in range(1 << 32) if n not in fids)
        uids.add(uid)
        fids.add(fid)
        seats.place(seat, at.but(zpci_uid=uid, zpci_fid=fid))
    return seats.domain()


def memory_slots(vm: Domain, target: Target) -> Domain:
    """Modules take the lowest free slot (qemuDomainAssignMemorySlots)."""
    if vm.memory is None or not (vm.memory.max or vm.memory.slots):
        return vm
    taken = {d.address.slot or 0 for d in vm.memory_device if isinstance(d.address, DimmAddress)}
    devices = []
    for device in vm.memory_device:
        if device.model in ("dimm", "nvdimm") and not isinstance(device.address, DimmAddress):
            slot = next(n for n in range(65536) if n not in taken)
            taken.add(slot)
            device = device.but(address=DimmAddress(slot=slot))
        devices.append(device)
    return vm.but(memory_device=tuple(devices))
