"""Derives controllers, addresses and aliases together, once for all VMs of one shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.provenance import Path, Provenance
from vmspec.lower.fleet import Object, Vm
from vmspec.lower.passes import aliases, buses, ccw, controllers, pci
from vmspec.lower.passes.change import Context, Expansion, PassResult, RelocatedProvenance, movable
from vmspec.lower.passes.devices import PYTHON
from vmspec.lower.passes.memo import KEPT_HERE, keep
from vmspec.model.devices.device import Device
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.hostdev import Hostdev
from vmspec.model.devices.interface import Interface
from vmspec.model.domain import Domain

STEPS: tuple[Expansion, ...] = (controllers.expand, buses.expand, pci.expand, ccw.expand, aliases.expand)
VARYING = ("disk", "interface", "hostdev")
"""Kinds whose blocks differ from VM to VM in what does not matter here: a source, a MAC address."""
STEADY = tuple(python for python in PYTHON.values() if python not in VARYING)
KEPT = 1024


class PlacedShape(NamedTuple):
    """What the steps did to one VM, in a form that fits every VM of its key."""

    inputs: tuple[object, ...]
    steady: Mapping[str, object]
    added: Mapping[str, tuple[Mapping[str, object], ...]]
    """Of the varying kinds: what each device got."""
    balloon: Device | None
    trails: Mapping[Path, Provenance]
    diagnostics: tuple[Diagnostic, ...]
    lock: Mapping[str, object]


_KNOWN: dict[tuple[object, ...], PlacedShape] = {}
_HERE: dict[tuple[object, ...], tuple[object, Mapping[Path, Provenance]]] = {}
"""The trails of the VMs of one block."""


def expand(vm: Vm, context: Context) -> PassResult:
    spec = vm.spec
    key = _key(vm, context)
    shape = _KNOWN.get(key)
    if shape is None:
        shape = _work_out(vm, context)
        if not shape.diagnostics and movable(shape.trails):
            keep(_KNOWN, key, shape, KEPT)
            keep(_HERE, (vm.span, id(vm.blocks), *key), (vm.blocks, shape.trails), KEPT_HERE)
        trails = shape.trails
    else:
        trails = _trails(vm, key, shape)
    features = dict(shape.steady)
    for kind, added in shape.added.items():
        features[kind] = tuple(block.but(**more) if more else block for block, more in zip(vars(spec)[kind], added, strict=True))
    if shape.balloon is not None and spec.memory is not None and spec.memory.balloon is not shape.balloon:
        features["memory"] = spec.memory.but(balloon=shape.balloon)
    return PassResult(features, trails, shape.diagnostics, shape.lock)


def _trails(vm: Vm, key: tuple[object, ...], shape: PlacedShape) -> Mapping[Path, Provenance]:
    whole = (vm.span, id(vm.blocks), *key)
    found = _HERE.get(whole)
    if found is None:
        found = (vm.blocks, RelocatedProvenance(shape.trails, vm))
        keep(_HERE, whole, found, KEPT_HERE)
    return found[1]


def _key(vm: Vm, context: Context) -> tuple[object, ...]:
    """Shared blocks by identity, the others by all that the steps look at."""
    held = vars(vm.spec).get
    balloon = vm.spec.memory.balloon if vm.spec.memory is not None else None
    return (
        vm.spec.machine, id(balloon), context.lock.version, tuple(context.lock.addresses.items()), tuple(context.lock.numbers.items()),
        *[id(held(name)) for name in STEADY],
        tuple(_disk(d) for d in vm.spec.disk), tuple(_interface(i) for i in vm.spec.interface), tuple(_hostdev(h) for h in vm.spec.hostdev),
    )  # fmt: skip


def _disk(d: Disk) -> tuple[object, ...]:
    return (d.label, d.bus, d.model, d.target, d.alias, *_address(d))


def _interface(i: Interface) -> tuple[object, ...]:
    return (i.label, i.model, i.source.tag if i.source is not None else None, i.alias, *_address(i))


def _hostdev(h: Hostdev) -> tuple[object, ...]:
    return (h.label, type(h.source), vars(h.source).get("model") if h.source is not None else None, h.alias, *_address(h))


def _address(device: Device) -> tuple[object, ...]:
    if device.address is None:
        return ()
    held = vars(device.address).items()
    return (type(device.address), *((name, tuple(value.items()) if isinstance(value, Mapping) else value) for name, value in held))


def _work_out(vm: Vm, context: Context) -> PlacedShape:
    before = vm.spec
    trails: dict[Path, Provenance] = {}
    found: list[Diagnostic] = []
    lock: dict[str, object] = {}
    for step in STEPS:
        change = step(vm, context)
        trails.update(change.trails)
        found += change.diagnostics
        for name, value in change.lock.items():
            held = lock.get(name)
            lock[name] = {**held, **value} if isinstance(value, Mapping) and isinstance(held, Mapping) else value
        vm = Object(vm.kind, vm.name, vm.spec.but(**change.features), vm.span, vm.trails, vm.blocks, vm.resolve, vm.host, vm.profiles)
    after = vm.spec
    steady = {name: vars(after)[name] for name in STEADY if vars(after).get(name) is not vars(before).get(name)}
    added = {kind: _added(before, after, kind) for kind in VARYING if vars(after).get(kind) is not vars(before).get(kind)}
    balloon = after.memory.balloon if after.memory is not None else None
    inputs = (before, vm.blocks, *[vars(before).get(name) for name in STEADY])
    return PlacedShape(inputs, steady, added, balloon, trails, tuple(found), lock)


def _added(before: Domain, after: Domain, kind: str) -> tuple[Mapping[str, object], ...]:
    pairs = zip(vars(before)[kind], vars(after)[kind], strict=True)
    return tuple({name: value for name, value in vars(new).items() if vars(old).get(name) is not value} for old, new in pairs)
