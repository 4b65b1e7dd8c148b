"""The guest's PCI buses and what sits on them (src/conf/domain_addr.c, src/qemu/qemu_domain_address.c, libvirt 9.0.0)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vmspec.base.provenance import Path
from vmspec.model.devices.channel import Channel
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import Device, PciAddress
from vmspec.model.domain import Domain
from vmspec.model.pci_topology import ROOTS, PciPlace, root_model
from vmspec.model.walk import distinct_devices


class PlacedDevice(NamedTuple):
    """A device with a PCI address."""

    path: Path
    device: Device
    address: PciAddress
    where: PciPlace

    def __str__(self) -> str:
        return " ".join(self.path)


def show(address: PciAddress) -> str:
    return f"{address.domain or 0:04x}:{address.bus or 0:02x}:{address.slot or 0:02x}.{address.function or 0}"


def placed(vm: Domain) -> tuple[PlacedDevice, ...]:
    """The devices with a PCI address, in the model's order. An address of zeroes is none (virPCIDeviceAddressIsEmpty); that of a channel
    is dropped at define (seen with libvirt 9.0.0)."""
    found = []
    for path, device in distinct_devices(vm):
        at = device.address
        if isinstance(at, PciAddress) and (at.domain or at.bus or at.slot) and not isinstance(device, Channel):
            found.append(PlacedDevice(path, device, at, PciPlace(at.bus or 0, at.slot or 0, at.function or 0)))
    return tuple(found)


def buses(vm: Domain) -> dict[int, Controller | None]:
    """The PCI controllers by index; the root, which need not be written, without a controller."""
    found: dict[int, Controller | None] = {0: None} if root_model(vm) else {}
    unnumbered = []
    for controller in vm.controller:
        if controller.type == "pci":
            if controller.index is None:
                unnumbered.append(controller)
            else:
                found[controller.index] = controller
    for controller in unnumbered:
        found[next(i for i in range(len(found) + 1) if i not in found or (i == 0 and found[i] is None and _is_root(controller)))] = (
            controller
        )
    return found


def numbered(vm: Domain) -> Iterator[tuple[Controller, int]]:
    """The PCI controllers with the index that libvirt gives them: one without takes the lowest that is free, in the order of the
    definition (virDomainAssignControllerIndexes, src/conf/domain_postparse.c 9.0.0), before the root is made where it is not written."""
    some = [each for each in vm.controller if each.type == "pci"]
    taken = {each.index for each in some}
    for controller in some:
        index = controller.index
        if index is None:
            index = next(number for number in range(len(some) + 1) if number not in taken)
            taken.add(index)
        yield controller, index


def _is_root(controller: Controller) -> bool:
    return controller.model in ROOTS


def bus_model(vm: Domain, controller: Controller | None) -> str | None:
    """The model of a bus; of bus 0 what the machine has, whatever is written."""
    if controller is None or controller.index == 0:
        return root_model(vm)
    return str(controller.model) if controller.model else None


def describe_plug(device: Device) -> str:
    """What a device plugs in as, for people: a PCI controller as what it is."""
    return str(device.model) if isinstance(device, Controller) and device.type == "pci" and device.model else "a PCI device"
