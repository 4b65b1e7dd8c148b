"""The guest's PCI buses and what sits on them (src/conf/domain_addr.c, src/qemu/qemu_domain_address.c, libvirt 9.0.0)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vmspec.base.provenance import Path
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import Device, PciAddress
from vmspec.model.domain import Domain
from vmspec.model.machine import is_arm_virt, is_i440fx, is_q35

_KINDS = (
    "disk", "controller", "filesystem", "interface", "input", "sound", "video", "hostdev", "watchdog", "rng", "shmem",
    "memory_device", "iommu", "serial", "crypto", "panic", "tpm", "redirdev",
)  # fmt: skip
_SINGLE = ("vsock", "pstore")

ENDPOINT = "a PCI device"
_ACCEPTS: dict[str, tuple[str, ...]] = {
    "pci-root": (ENDPOINT, "pci-bridge", "pci-expander-bus"),
    "pcie-root": (ENDPOINT, "pcie-root-port", "dmi-to-pci-bridge", "pcie-expander-bus"),
    "pci-bridge": (ENDPOINT, "pci-bridge"),
    "pci-expander-bus": (ENDPOINT, "pci-bridge"),
    "dmi-to-pci-bridge": (ENDPOINT, "pci-bridge"),
    "pcie-to-pci-bridge": (ENDPOINT, "pci-bridge"),
    "pcie-root-port": (ENDPOINT, "pcie-switch-upstream-port", "pcie-to-pci-bridge"),
    "pcie-switch-downstream-port": (ENDPOINT, "pcie-switch-upstream-port", "pcie-to-pci-bridge"),
    "pcie-switch-upstream-port": ("pcie-switch-downstream-port",),
    "pcie-expander-bus": ("pcie-root-port", "dmi-to-pci-bridge"),
}
_SLOTS = {
    "pci-root": (1, 31), "pcie-root": (1, 31), "pci-bridge": (1, 31), "pcie-to-pci-bridge": (1, 31), "pci-expander-bus": (0, 31),
    "dmi-to-pci-bridge": (0, 31), "pcie-switch-upstream-port": (0, 31), "pcie-expander-bus": (0, 31), "pcie-root-port": (0, 0),
    "pcie-switch-downstream-port": (0, 0),
}  # fmt: skip


class PlacedDevice(NamedTuple):
    """A device with a PCI address."""

    path: Path
    device: Device
    address: PciAddress
    where: tuple[int, int, int]
    """Bus, slot and function."""

    def __str__(self) -> str:
        return " ".join(self.path)


def show(address: PciAddress) -> str:
    return f"{address.domain or 0:04x}:{address.bus or 0:02x}:{address.slot or 0:02x}.{address.function or 0}"


def placed(vm: Domain) -> tuple[PlacedDevice, ...]:
    """The devices with a PCI address, in the model's order. An address of zeroes is none (virPCIDeviceAddressIsEmpty)."""
    if _last.vm is not vm:
        _last.vm, _last.found, _last.buses = vm, tuple(_placed(vm)), None
    return _last.found


class _Last:
    """The VM that was asked for last: several rules ask for the same one in turn."""

    vm: Domain | None = None
    found: tuple[PlacedDevice, ...] = ()
    buses: dict[int, Controller | None] | None = None


_last = _Last()


def _placed(vm: Domain) -> Iterator[PlacedDevice]:
    for kind in _KINDS:
        for device in getattr(vm, kind):
            yield from _one((kind.replace("_", "-"), device.label), device)
    for kind in _SINGLE:
        device = getattr(vm, kind)
        if device is not None:
            yield from _one((kind,), device)
    if vm.memory is not None and vm.memory.balloon is not None:
        yield from _one(("memory", "balloon"), vm.memory.balloon)


def _one(path: Path, device: Device) -> Iterator[PlacedDevice]:
    at = device.address
    if getattr(device, "model", None) == "none":
        return  # a memory balloon, USB controller or card that there is not
    if isinstance(at, PciAddress) and (at.domain or at.bus or at.slot):
        yield PlacedDevice(path, device, at, (at.bus or 0, at.slot or 0, at.function or 0))


def is_builtin(vm: Domain, controller: Controller) -> bool:
    """Whether it is the chipset's own, whose address libvirt sets (qemuDomainValidateDevicePCISlotsPIIX3 and …Q35,
    src/qemu/qemu_domain_address.c 9.0.0)."""
    if controller.index not in (None, 0):
        return False
    if is_i440fx(vm):
        return controller.type == "ide" or (controller.type == "usb" and controller.model in (None, "piix3-uhci"))
    return is_q35(vm) and controller.type == "sata"


def root_model(vm: Domain) -> str | None:
    """The root of the PCI topology; None where this machine has none that we know."""
    return "pcie-root" if is_q35(vm) or is_arm_virt(vm) else "pci-root" if is_i440fx(vm) else None


def buses(vm: Domain) -> dict[int, Controller | None]:
    """The PCI controllers by index; the root, which need not be written, without a controller."""
    placed(vm)
    if _last.buses is None:
        _last.buses = _buses(vm)
    return _last.buses


def _buses(vm: Domain) -> dict[int, Controller | None]:
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
    return controller.model in ("pci-root", "pcie-root")


def bus_model(vm: Domain, controller: Controller | None) -> str | None:
    """The model of a bus; of bus 0 what the machine has, whatever is written."""
    if controller is None or controller.index == 0:
        return root_model(vm)
    return str(controller.model) if controller.model else None


def connection(device: Device) -> str:
    """What a device plugs in as: a PCI controller as what it is, all others as an endpoint."""
    if isinstance(device, Controller) and device.type == "pci" and device.model:
        return str(device.model)
    return ENDPOINT


def accepts(model: str, what: str) -> bool:
    """Whether a bus of this model takes such a device at an address that was written (virDomainPCIAddressFlagsCompatible)."""
    taken = _ACCEPTS.get(model)
    return taken is None or what in taken or (what == "pci-bridge" and ENDPOINT in taken)


def slots(model: str) -> tuple[int, int]:
    """The first and last slot that a bus has (virDomainPCIAddressBusSetModel)."""
    return _SLOTS.get(model, (0, 31))
