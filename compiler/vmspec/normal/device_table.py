"""The devices of a domain while they are given addresses: in the order in which libvirt goes through them, each to be changed in place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from vmspec.model.block import Sub, schema
from vmspec.model.devices.device import PciAddress
from vmspec.model.domain import Domain
from vmspec.model.walk import device_kinds

_FIRST = (
    "disk", "interface", "sound", "hostdev", "video", "controller", "smartcard", "serial", "parallel", "channel", "console", "input",
    "filesystem", "watchdog", "balloon", "rng", "nvram", "hub", "shmem", "tpm", "panic", "memory_device", "redirdev", "iommu", "vsock",
)  # fmt: skip
"""virDomainDeviceInfoIterateFlags, src/conf/domain_conf.c 9.0.0."""
ORDER = (*_FIRST, *(kind for kind in device_kinds() if kind not in _FIRST))
"""What later versions brought is last."""
_SINGLE = tuple(field.python for field in schema(Domain) if isinstance(field.line, Sub))


class Seat(NamedTuple):
    """A device: which list it stands in, and where."""

    kind: str
    at: int


class Seats:
    """The devices of one domain; `domain()` is the domain with what has been changed."""

    def __init__(self, vm: Domain) -> None:
        self.vm = vm
        self._lists: dict[str, list[Any]] = {}
        for kind in ORDER:
            self._lists[kind] = self._read(vm, kind)

    @staticmethod
    def _read(vm: Domain, kind: str) -> list[Any]:
        if kind == "balloon":
            balloon = vm.memory.balloon if vm.memory is not None else None
            return [] if balloon is None else [balloon]
        value = getattr(vm, kind)
        return ([] if value is None else [value]) if kind in _SINGLE else list(value)

    def __getitem__(self, seat: Seat) -> Any:
        return self._lists[seat.kind][seat.at]

    def __setitem__(self, seat: Seat, device: Any) -> None:
        self._lists[seat.kind][seat.at] = device

    def of(self, kind: str) -> list[Seat]:
        return [Seat(kind, at) for at in range(len(self._lists[kind]))]

    def add(self, kind: str, device: Any) -> Seat:
        self._lists[kind].append(device)
        return Seat(kind, len(self._lists[kind]) - 1)

    def __iter__(self) -> Iterator[Seat]:
        """Without the console that only stands for a serial line."""
        for kind in ORDER:
            for seat in self.of(kind):
                if not (kind == "console" and seat.at == 0 and self[seat].target in (None, "serial") and self.vm.os_type in (None, "hvm")):
                    yield seat

    def place(self, seat: Seat, address: Any) -> None:
        self[seat] = self[seat].but(address=address)

    def domain(self) -> Domain:
        changes: dict[str, Any] = {}
        for kind, own in self._lists.items():
            if kind == "balloon":
                if own and self.vm.memory is not None:
                    changes["memory"] = self.vm.memory.but(balloon=own[0])
            elif kind in _SINGLE:
                changes[kind] = own[0] if own else None
            else:
                changes[kind] = tuple(own)
        return self.vm.but(**changes)


def pci_present(device: Any) -> bool:
    """It has a place on a PCI bus; an address of zeroes is none (virPCIDeviceAddressIsEmpty)."""
    at = device.address
    return isinstance(at, PciAddress) and bool(at.domain or at.bus or at.slot)


def pci_wanted(device: Any) -> bool:
    """It may be given a place on a PCI bus (virDeviceInfoPCIAddressIsWanted)."""
    at = device.address
    return at is None or (isinstance(at, PciAddress) and not pci_present(device))
