"""libvirt's own spelling, and nothing that libvirt does not know: what is left of a definition when it is written again."""

from __future__ import annotations

from functools import cache
from typing import Any

from vmspec.model.block import Attr, Block, schema
from vmspec.model.domain import Domain
from vmspec.model.kind import Either, Kind, ListOf, Measure, OrTrue
from vmspec.model.value import Quantity, Size
from vmspec.predict.target import Target


def spell(vm: Domain, target: Target) -> Domain:
    """Values without the spelling they were read in; sizes rounded up to libvirt's unit (virDomainParseMemory, src/conf/domain_conf.c
    9.0.0); parts that no line of the model claims are dropped, except metadata, which libvirt keeps as it is."""
    return _spelled(vm)


def _spelled(block: Any) -> Any:
    rounded = _rounded(type(block))
    values: dict[str, Any] = {}
    for name, value in vars(block).items():
        if name == "spelling" or value is None:
            continue
        if name == "raw":
            value = {place: part for place, part in value.items() if place == "metadata"}
        elif isinstance(value, Block):
            value = _spelled(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], Block):
            value = tuple(_spelled(each) for each in value)
        elif name in rounded and isinstance(value, Quantity):
            value = type(value)(-(-value // rounded[name]) * rounded[name])
        values[name] = value
    return type(block)(**values)


@cache
def _rounded(block: type[Block]) -> dict[str, int]:
    """The features whose number has a coarser unit than a byte."""
    counts = {f.python: _unit(f.line.kind) for f in schema(block) if isinstance(f.line, Attr)}
    return {name: count for name, count in counts.items() if count > 1}


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
