"""Assigns PCI addresses by the layout algorithm, and adds root ports and bridges.

The controllers of one layout are the same objects for every guest of that shape, so that they are written out once.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.provenance import Path, Provenance, Step, StepKind
from vmspec.base.source import Span
from vmspec.lower.fleet import Vm
from vmspec.lower.layout import AS_WRITTEN
from vmspec.lower.layout.v1 import Layout, Pci, PciController, Wanted, assign, parse
from vmspec.lower.passes.buses import layout_in_force, replaced
from vmspec.lower.passes.change import NOTHING, Context, PassResult, derived
from vmspec.lower.passes.devices import connect, devices, preferred
from vmspec.lower.passes.functions import functions
from vmspec.lower.passes.machine import family
from vmspec.lower.passes.taken import no_place_left, place_taken
from vmspec.model.devices.controller import Controller, PciTarget
from vmspec.model.devices.device import Device, PciAddress
from vmspec.model.value import Symbol

PLACED = "a place for each label, kept in the lock"
BUS = "a bus for the devices, and spare ports for plugging"
NAMES = {"pcie-root-port": "pcie-root-port", "pcie-to-pci-bridge": "pcie-pci-bridge", "pci-bridge": "pci-bridge"}
"""QEMU's device behind each model (libvirt 9.0.0 src/qemu/qemu_domain_address.c, qemuDomainAssignPCIAddresses)."""


def expand(vm: Vm, context: Context) -> PassResult:
    machine = family(vm)
    if machine is None:
        return NOTHING
    wanted: list[Wanted] = []
    paths: dict[str, tuple[Path, Device]] = {}
    taken: list[Pci] = []
    written: dict[Pci, Path] = {}
    bare = {c.index: c for c in vm.spec.controller if is_bare_port(c)}
    taken += [Pci(index, 0) for index in bare if index is not None]
    origin = layout_in_force(context)
    groups = functions(vm, machine)
    for path, key, device in devices(vm.spec, context.lock.version < AS_WRITTEN):
        if device.address is not None:
            if isinstance(device.address, PciAddress):
                taken.append(Pci(device.address.bus or 0, device.address.slot or 0, device.address.function or 0))
                written.setdefault(taken[-1], path)
            continue
        how = connect(device)
        if how is None:
            continue
        paths[key] = (path, device)
        if key not in groups:
            wanted.append(Wanted(key, how, next(iter(preferred(device, vm.spec)), None)))
        elif groups[key] not in wanted:
            wanted.append(groups[key])
    kept = tuple((key, text) for key, text in context.lock.addresses.items() if not text.startswith(("usb:", "port:", "scsi:", "ccw:")))
    layout = assign(machine, tuple(wanted), tuple(taken), kept, _buses(vm))
    shared = {(place.bus, place.slot) for key in groups if (place := layout.addresses.get(key)) is not None and place.function}
    placed = {
        path: device.but(address=_address(place, place.function == 0 and (place.bus, place.slot) in shared))
        for key, (path, device) in paths.items()
        if (place := layout.addresses.get(key)) is not None
    }
    features = replaced(vm, placed)
    ours, trails = _controllers(layout, vm.span, origin)
    present = features.get("controller", vm.spec.controller)
    assert isinstance(present, tuple)
    trails = dict(trails)
    if bare:
        ours, present = _completed(vm, bare, ours, present, trails, origin)
    features["controller"] = (*present, *ours)
    for path in placed:
        trails[(*path, "address")] = derived(vm, PLACED, path, origin=origin)
    full = f"the buses of {machine.value} are full"
    homeless = no_place_left(vm, "PCI place", [(key, paths[key][0]) for key in layout.homeless], full)
    lost = tuple(_lost(vm, context, written, {key: path for key, (path, _) in paths.items()}))
    return PassResult(features, trails, (*homeless, *lost), {"addresses": layout.kept, "layout": context.lock.version})


def _lost(vm: Vm, context: Context, written: dict[Pci, Path], paths: dict[str, Path]) -> Iterator[Diagnostic]:
    """Places that devices have by the lock, and that are now written to others."""
    for key, path in paths.items() if written else ():
        place = parse(context.lock.addresses.get(key, ""))
        if place is not None and place in written:
            yield place_taken(vm, f"the PCI address {place}", written[place], path)


def _buses(vm: Vm) -> tuple[tuple[int, str], ...]:
    return tuple((c.index, str(c.model)) for c in vm.spec.controller if c.type == "pci" and c.index is not None and not is_bare_port(c))


def is_bare_port(controller: Controller) -> bool:
    """A root port that the user asked for without saying where: it gets the seat of its index."""
    return controller.type == "pci" and controller.model == "pcie-root-port" and controller.address is None


def _completed(
    vm: Vm,
    bare: dict[int | None, Controller],
    ours: tuple[Controller, ...],
    present: tuple[Controller, ...],
    trails: dict[Path, Provenance],
    origin: str,
) -> tuple[tuple[Controller, ...], tuple[Controller, ...]]:
    """The user's root ports with what the layout knows of them, in place of ours of the same index."""
    known = {c.index: c for c in ours}
    whole: list[Controller] = []
    for block in present:
        seat = known.get(block.index) if is_bare_port(block) else None
        missing = {name: value for name, value in vars(seat).items() if vars(block).get(name) is None} if seat is not None else {}
        whole.append(block.but(**missing) if missing else block)
        for name in missing:
            trails["controller", block.label, name.replace("_", "-")] = derived(vm, BUS, ("controller", block.label), origin=origin)
    return tuple(c for c in ours if c.index not in bare), tuple(whole)


@lru_cache(maxsize=4096)
def _address(place: Pci, multifunction: bool = False) -> PciAddress:
    made = PciAddress(domain=0, bus=place.bus, slot=place.slot, function=place.function)
    return made.but(multifunction=True) if multifunction else made


KEPT = 4096
_CONTROLLERS: dict[int, tuple[Layout, tuple[Controller, ...], tuple[Path, ...]]] = {}
_TRAILS: dict[tuple[int, Span, str], dict[Path, Provenance]] = {}


def _controllers(layout: Layout, span: Span, origin: str) -> tuple[tuple[Controller, ...], dict[Path, Provenance]]:
    """Remembered by the identity of the layout, which `assign` remembers by its content."""
    if len(_CONTROLLERS) > KEPT or len(_TRAILS) > KEPT:
        _CONTROLLERS.clear()
        _TRAILS.clear()
    known = _CONTROLLERS.get(id(layout))
    if known is None or known[0] is not layout:
        made = tuple(_controller(c) for c in layout.controllers)
        paths = tuple(("controller", c.label, *rest) for c in made for rest in _features(c))
        known = _CONTROLLERS[id(layout)] = (layout, made, paths)
        _TRAILS.pop((id(layout), span, origin), None)
    trails = _TRAILS.get((id(layout), span, origin))
    if trails is None:
        trails = _TRAILS[id(layout), span, origin] = dict.fromkeys(known[2], _bus_trail(span, origin))
    return known[1], trails


@lru_cache(maxsize=4096)
def _bus_trail(span: Span, origin: str) -> Provenance:
    return (Step(StepKind.DERIVED, origin, span, why=BUS),)


def _features(controller: Controller) -> tuple[Path, ...]:
    plain = tuple(
        (name.replace("_", "-"),)
        for name, value in vars(controller).items()
        if name not in ("label", "target", "address") and value is not None
    )
    target = tuple(("target", name.replace("_", "-")) for name in vars(controller.target)) if controller.target is not None else ()
    return (*plain, *target, *((("address",),) if controller.address is not None else ()))


@lru_cache(maxsize=4096)
def _controller(c: PciController) -> Controller:
    target = None
    if c.model == "pcie-root-port":
        target = PciTarget(chassis=c.chassis, port=c.port)
    elif c.model == "pci-bridge":
        target = PciTarget(chassis_nr=c.chassis)
    name = NAMES.get(c.model)
    held: dict[str, object] = {"label": f"pci.{c.index}", "type": Symbol("pci"), "index": c.index, "model": Symbol(c.model)}
    if name is not None:
        held["model_name"] = Symbol(name)
    if target is not None:
        held["target"] = target
    if c.address is not None:
        held["address"] = _address(c.address, c.multifunction)
    return Controller(**held)  # type: ignore[arg-type]
