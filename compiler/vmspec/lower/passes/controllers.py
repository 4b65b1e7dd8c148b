"""Adds the controllers that devices need, so that libvirt adds none.

Sources: libvirt 9.0.0 src/qemu/qemu_domain.c (qemuDomainDefAddDefaultDevices: what a machine has without asking) and
src/conf/domain_conf.c (virDomainDefMaybeAddController: what devices bring along; `scsi` without a model becomes lsilogic).
"""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.provenance import Path, Provenance
from vmspec.lower.fleet import Vm
from vmspec.lower.layout import AS_WRITTEN
from vmspec.lower.layout.v1 import Family
from vmspec.lower.lock import VmLock
from vmspec.lower.passes.change import NOTHING, Context, PassResult, derived, labelled
from vmspec.lower.passes.devices import ConnectedDevice, devices, on_usb
from vmspec.lower.passes.disks import index
from vmspec.lower.passes.machine import family
from vmspec.lower.passes.order import numbers_of
from vmspec.lower.passes.taken import place_taken
from vmspec.model.devices.channel import Channel
from vmspec.model.devices.console import Console
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import DriveAddress, UsbAddress, VirtioSerialAddress
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.hostdev import Hostdev, IscsiHostdev, ScsiHostdev
from vmspec.model.devices.smartcard import Smartcard
from vmspec.model.value import Symbol

NEEDED = "a device sits on it"
BUILT_IN = "the machine has it without asking"
NO_USB = "no device is on USB, and libvirt would add a controller"
PER_CONTROLLER = {"sata": 6, "ide": 4, "fdc": 2}
"""The number of drives on a controller (src/conf/domain_conf.c, virDomainDiskDefAssignAddress)."""
USB_PORTS = 15
"""What qemu-xhci has at most (qemu 7.2.0, hw/usb/hcd-xhci.h, XHCI_MAXPORTS_2)."""


def expand(vm: Vm, context: Context) -> PassResult:
    """Add controllers, and give written ones their index and model."""
    trails: dict[Path, Provenance] = {}
    numbers: dict[str, str] = {}
    made = list(_numbered(vm, context.lock, numbers, trails))
    lost = tuple(_lost(vm, context.lock))
    there = {(str(c.type), c.index) for c in made}
    for kind, number, why, path in sorted(set(_needed(vm)), key=lambda n: (n[0], n[1], n[3])):
        if (kind, number) not in there:
            there.add((kind, number))
            controller = _controller(kind, number)
            made.append(controller)
            for name in ("type", "index", "model", "ports"):
                trails["controller", controller.label, name] = derived(vm, why, *((path,) if path else ()))
    if not any(kind == "usb" for kind, _ in there) and family(vm) is not None:
        made.append(NONE)
        for name in ("type", "index", "model"):
            trails["controller", NONE.label, name] = derived(vm, NO_USB)
    return PassResult({"controller": tuple(made)}, trails, lost, {"numbers": numbers} if numbers else {}) if made else NOTHING


NONE = labelled(Controller, "usb0", type=Symbol("usb"), index=0, model=Symbol("none"))
MADE: dict[tuple[str, int], Controller] = {}


def _controller(kind: str, number: int) -> Controller:
    """One object of each kind and number, whatever the guest: it is written once."""
    if (kind, number) not in MADE:
        model = {"scsi": "virtio-scsi", "usb": "qemu-xhci"}.get(kind)
        MADE[kind, number] = labelled(
            Controller,
            f"{kind}{number}",
            type=Symbol(kind),
            index=number,
            model=Symbol(model) if model else None,
            ports=USB_PORTS if kind == "usb" else None,
        )
    return MADE[kind, number]


def _numbered(vm: Vm, lock: VmLock, numbers: dict[str, str], trails: dict[Path, Provenance]) -> Iterator[Controller]:
    used: set[tuple[str, int | None]] = {(str(c.type), c.index) for c in vm.spec.controller if c.index is not None}
    kept = _kept(vm, lock, used)
    there = {c.label for c in vm.spec.controller}
    gone: set[tuple[str, int | None]] = {(of, number) for label, (of, number) in _known(lock).items() if label not in there}
    for block in vm.spec.controller:
        here: Path = ("controller", block.label)
        changed: dict[str, object] = {}
        if block.index is None:
            first = 1 if block.type == "pci" and not str(block.model).endswith("-root") else 0
            index = kept.get(block.label)
            if index is None:
                taken = used | gone
                index = next(n for n in range(first, 256) if not taken & {(str(block.type), n), ("", n)})
                used.add((str(block.type), index))
            changed["index"] = index
            if lock.version >= AS_WRITTEN:
                key, number = f"controller.{block.label}", str(index)
                numbers[key] = number if lock.numbers.get(key) == number else f"{block.type}:{number}"
        model = {"scsi": "virtio-scsi", "usb": "qemu-xhci"}.get(str(block.type))
        if block.model is None and model is not None:
            changed["model"] = Symbol(model)
        if block.ports is None and str(changed.get("model", block.model)) == "qemu-xhci":
            changed["ports"] = USB_PORTS
        for name in changed:
            trails[(*here, name)] = derived(vm, "unless said otherwise", here)
        yield block.but(**changed) if changed else block


def _lost(vm: Vm, lock: VmLock) -> Iterator[Diagnostic]:
    """Numbers that controllers have by the lock, and that are now written to others."""
    written = {(str(c.type), c.index): c.label for c in vm.spec.controller if c.index is not None}
    known = _known(lock)
    for block in vm.spec.controller:
        of, number = known.get(block.label, ("", None))
        number = number if of in ("", str(block.type)) else None
        by = written.get((str(block.type), number)) if number is not None else None
        if block.index is None and by is not None:
            yield place_taken(vm, f"the number {number}", ("controller", by), ("controller", block.label))


def _known(lock: VmLock) -> dict[str, tuple[str, int]]:
    """By label: type and index of controllers in the lock; a lock of before knows no types, which are "" then."""
    return {
        label: (lock.numbers[f"controller.{label}"].rpartition(":")[0], index) for label, index in numbers_of(lock, "controller").items()
    }


def _kept(vm: Vm, lock: VmLock, used: set[tuple[str, int | None]]) -> dict[str, int]:
    """The indexes that controllers have in the lock, which are used from now on."""
    known = _known(lock)
    kept: dict[str, int] = {}
    for block in vm.spec.controller:
        of, index = known.get(block.label, ("", None))
        if block.index is None and index is not None and of in ("", str(block.type)) and (str(block.type), index) not in used:
            used.add((str(block.type), index))
            kept[block.label] = index
    return kept


def _needed(vm: Vm) -> Iterator[tuple[str, int, str, Path]]:
    """(type, index, why, of which device)."""
    if family(vm) is Family.Q35:
        yield "sata", 0, BUILT_IN, ()
    for placed in devices(vm.spec):
        yield from _of(placed)


def _of(placed: ConnectedDevice) -> Iterator[tuple[str, int, str, Path]]:
    device, path = placed.device, placed.path
    address = device.address
    if on_usb(device):
        yield "usb", (address.bus or 0) if isinstance(address, UsbAddress) else 0, NEEDED, path
    match device:
        case Disk() if str(device.bus) in PER_CONTROLLER:
            number = index(str(device.target)) or 0
            yield (
                str(device.bus),
                (address.controller or 0) if isinstance(address, DriveAddress) else number // PER_CONTROLLER[str(device.bus)],
                NEEDED,
                path,
            )
        case Disk(bus="scsi"):
            yield "scsi", (address.controller or 0) if isinstance(address, DriveAddress) else 0, NEEDED, path
        case Hostdev() if isinstance(device.source, (ScsiHostdev, IscsiHostdev)):
            yield "scsi", (address.controller or 0) if isinstance(address, DriveAddress) else 0, NEEDED, path
        case Channel(target="virtio") | Console(target="virtio"):
            yield "virtio-serial", (address.controller or 0) if isinstance(address, VirtioSerialAddress) else 0, NEEDED, path
        case Smartcard():
            yield "ccid", 0, NEEDED, path
            yield "usb", 0, NEEDED, path
        case _:
            pass
