"""What the typed lines of the devices claim: every place, with the kinds of value that stand there."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache

import vmspec.model.devices
from vmspec.model.block import Attr, Block, Choice, Many, OpenMap, Sub, schema
from vmspec.model.kind import Anything, Kind, ListOf, OneOf, Parts, Words

_DEPTH = 3
"""How often a block may stand within itself (backing stores)."""


def blocks() -> list[type[Block]]:
    """Every block class of the package, in the order of its files."""
    found: list[type[Block]] = []
    for info in pkgutil.iter_modules(vmspec.model.devices.__path__):
        module = importlib.import_module(f"vmspec.model.devices.{info.name}")
        found += [c for c in vars(module).values() if isinstance(c, type) and issubclass(c, Block) and c.__module__ == module.__name__]
    return found


def devices() -> list[type[Block]]:
    return [b for b in blocks() if b.element.startswith("devices/")]


@cache
def claims() -> dict[str, list[Kind]]:
    """Place below `/domain/devices`, without conditions → the kinds that the lines have there."""
    found: dict[str, list[Kind]] = {"emulator": [Words()]}
    for device in devices():
        for place, kind in _claims(device, device.element.removeprefix("devices/"), ()):
            found.setdefault(place, []).append(kind)
    return found


def _bare(place: str) -> str:
    return re.sub(r"\[[^\]]*\]|\*", "", place)


def _join(*parts: str) -> str:
    return "/".join(p for p in parts if p)


def _conditions(base: str, place: str) -> Iterator[tuple[str, Kind]]:
    """The attributes that a place's conditions write."""
    for match in re.finditer(r"\[@([\w:-]+)=('([^']*)'|\$label)\]", place):
        yield _join(base, _bare(place[: match.start()]), f"@{match[1]}"), OneOf(match[3]) if match[3] else Words()


def _claims(block: type[Block], base: str, within: tuple[type[Block], ...]) -> Iterator[tuple[str, Kind]]:
    if within.count(block) >= _DEPTH:
        return
    for place, text in block.constants:
        yield _join(base, _bare(place)), OneOf(text)
    for each in schema(block):
        match each.line:
            case Attr(place=str(place), kind=kind):
                yield from _conditions(base, place)
                yield from _attr(_join(base, _bare(place)), kind)
            case OpenMap(place=str(place), kind=kind):
                yield _join(base, _bare(place), each.line.key), Words()
                yield _join(base, _bare(place), each.line.value), kind.item if isinstance(kind, ListOf) else kind
            case Sub() | Many() | Choice():
                if isinstance(each.line, Choice) and each.line.on:
                    yield _join(base, each.line.on), OneOf(*(t.when or t.tag for t in each.types))
                for inner in each.types:
                    at = inner.element if each.line.at is None else each.line.at
                    yield from _conditions(base, at)
                    yield from _claims(inner, _join(base, _bare(at)), (*within, block))


def _attr(place: str, kind: Kind) -> Iterator[tuple[str, Kind]]:
    item = kind.item if isinstance(kind, ListOf) else kind
    if isinstance(item, Parts):
        yield from ((f"{place}/@{name}", Anything()) for name in item.names)
        return
    yield place, item
    if kind.has_unit:
        yield f"{place.rpartition('/@')[0] or place}/@unit", Anything()
