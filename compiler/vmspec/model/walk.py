"""The devices of a domain, and the blocks below any block, as the schema has them: a new device is found without a list of kinds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vmspec.base.provenance import Path
from vmspec.model.block import Block, Many, Sub, schema
from vmspec.model.devices.console import Console
from vmspec.model.devices.device import Boot, Device
from vmspec.model.domain import Domain


class DeviceAt(NamedTuple):
    """A device and its path in the language: `("disk", "vda")`, `("memory", "balloon")`."""

    path: Path
    device: Device

    def __str__(self) -> str:
        return " ".join(self.path)


def devices(vm: Domain) -> Iterator[DeviceAt]:
    """In the order of the model; those that lie in another block, as the balloon does, last."""
    for steps, path in _places(type(vm)):
        found: object = vm
        for step in steps:
            found = vars(found).get(step) if found is not None else None
        if isinstance(found, tuple):
            for device in found:
                yield DeviceAt((*path, device.label), device)
        elif isinstance(found, Device):
            yield DeviceAt(path, found)


def distinct_devices(vm: Domain) -> Iterator[DeviceAt]:
    """The same without the console that only stands for the first serial line, and without the device of which is said that it is not
    there (`model = none`)."""
    twin = serial_twin(vm)
    return (each for each in devices(vm) if each.device is not twin and vars(each.device).get("model") != "none")


def serial_twin(vm: Domain) -> Console | None:
    """The console that is another name of the first serial line (virDomainDefAddConsoleCompat, src/conf/domain_postparse.c 9.0.0)."""
    first = vm.console[0] if vm.console and vm.serial else None
    return first if first is not None and first.target in (None, "serial") and vm.os_type in (None, "hvm") else None


def device_places(block: type[Block]) -> tuple[tuple[str, ...], ...]:
    """Where devices stand below a class of block, by Python names: `("disk",)`, `("memory", "balloon")`."""
    return tuple(steps for steps, _ in _places(block))


_PLACES: dict[type[Block], tuple[tuple[tuple[str, ...], Path], ...]] = {}


def _places(block: type[Block]) -> tuple[tuple[tuple[str, ...], Path], ...]:
    """By Python names and by those of the language; read off the schema once."""
    known = _PLACES.get(block)
    if known is None:
        found = sorted(_device_places(block, frozenset()), key=len)
        known = _PLACES[block] = tuple((steps, tuple(step.replace("_", "-") for step in steps)) for steps in found)
    return known


def _device_places(block: type[Block], above: frozenset[type[Block]]) -> Iterator[tuple[str, ...]]:
    for field in schema(block):
        for kind in field.types:
            if issubclass(kind, Device):
                yield (field.python,)
            elif isinstance(field.line, Sub) and kind not in above:
                yield from ((field.python, *rest) for rest in _device_places(kind, above | {block}))


def device_kinds(base: type[Block] = Device) -> tuple[str, ...]:
    """The Python names of the domain's own lists of devices (not of those in other blocks) whose class has these features."""
    return tuple(f.python for f in schema(Domain) if any(issubclass(t, Device) and issubclass(t, base) for t in f.types))


def has_boot_order(vm: Domain) -> bool:
    """Whether any device has a place in the boot order, which keeps libvirt from choosing one (virDomainDefBootOrderPostParse,
    src/conf/domain_postparse.c 9.0.0)."""
    return any(isinstance(each.device, Boot) and each.device.boot for each in devices(vm))


def walk(block: Block, path: Path = ()) -> Iterator[tuple[Path, Block]]:
    """A block and all blocks below it with their paths in the language, in the order of the model."""
    yield path, block
    held = vars(block)
    for field in schema(type(block)):
        value = held.get(field.python) if field.types else None
        if isinstance(value, Block):
            yield from walk(value, (*path, field.name))
        elif isinstance(field.line, Many) and isinstance(value, tuple):
            for each in value:
                yield from walk(each, (*path, field.name, each.label))
