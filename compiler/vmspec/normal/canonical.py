"""libvirt's own spelling, and nothing that libvirt does not know: what is left of a definition when it is written again."""

from __future__ import annotations

from typing import Any, TypeVar

from vmspec.model.block import Attr, Block, schema
from vmspec.model.domain import Domain
from vmspec.model.kind import Either, Kind, ListOf, Measure, OrTrue
from vmspec.model.value import Quantity, Size
from vmspec.normal.target import Target

B = TypeVar("B", bound=Block)


def spell(vm: Domain, target: Target) -> Domain:
    """Values without the spelling they were read in; sizes rounded up to libvirt's unit (virDomainParseMemory, src/conf/domain_conf.c
    9.0.0); parts that no line of the model claims are dropped, except metadata and what
    stands in a namespace of QEMU's, which libvirt keeps."""
    return _spelled(vm)


def _spelled(block: B) -> B:
    rounded = _rounded(type(block))
    values: dict[str, Any] = {}
    for name, value in vars(block).items():
        if name == "spelling" or value is None:
            continue
        if name == "raw":
            value = {place: part for place, part in value.items() if place == "metadata" or ":" in place}
        elif isinstance(value, Block):
            value = _spelled(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], Block):
            value = tuple(_spelled(each) for each in value)
        elif name in rounded and isinstance(value, Quantity):
            value = type(value)(-(-value // rounded[name]) * rounded[name])
        values[name] = value
    return type(block)(**values)


_ROUNDED: dict[type[Block], dict[str, int]] = {}


def _rounded(block: type[Block]) -> dict[str, int]:
    """The features whose number has a coarser unit than a byte."""
    known = _ROUNDED.get(block)
    if known is not None:
        return known
    counts = {f.python: _unit(f.line.kind) for f in schema(block) if isinstance(f.line, Attr)}
    _ROUNDED[block] = known = {name: count for name, count in counts.items() if count > 1}
    return known


def _unit(kind: Kind) -> int:
    match kind:
        case Measure() if kind.dimension is Size:
            return kind.count
        case OrTrue():
            return _unit(kind.base)
        case Either():
            return _unit(kind.first)
        case ListOf():
            return _unit(kind.item)
        case _:
            return 1
