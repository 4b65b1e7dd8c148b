"""The JSON Schema of the model: what an object may hold, with the words of the language, for editors and generators of sources.

Draft 2020-12. A quantity is its literal as text (`"16GiB"`), a block with labels an object by label, a choice an object with the
one key that is its tag.
"""

from __future__ import annotations

from functools import singledispatch

from vmspec.base.json_text import Json
from vmspec.model.block import Attr, Block, Choice, Field, Many, OpenMap, Sub, schema
from vmspec.model.kind import (
    CPUS,
    Checked,
    Cpus,
    Either,
    Flag,
    Integer,
    Kind,
    ListOf,
    Measure,
    OneOf,
    OrTrue,
    Password,
    Presence,
    WordFor,
    Words,
)
from vmspec.model.pins import CpuGroups, PinsOf
from vmspec.model.value import Quantity

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(block: type[Block]) -> dict[str, Json]:
    """Of an object of this class; the same model gives the same schema."""
    definitions: dict[str, Json] = {}
    root = _reference(block, definitions)
    return {"$schema": DRAFT, **root, "$defs": dict(sorted(definitions.items()))}


def _reference(block: type[Block], definitions: dict[str, Json]) -> dict[str, Json]:
    name = f"{block.__module__.removeprefix('vmspec.model.')}.{block.__name__}"
    if name not in definitions:
        definitions[name] = None  # a block may hold itself: a backing store of a backing store
        definitions[name] = _object(block, definitions)
    return {"$ref": f"#/$defs/{name}"}


def _object(block: type[Block], definitions: dict[str, Json]) -> Json:
    properties: dict[str, Json] = {each.name: _line(each, definitions) for each in schema(block)}
    doc = (block.__doc__ or "").strip().partition("\n")[0]
    return {"type": "object", "description": doc, "properties": properties, "additionalProperties": False}


def _line(each: Field, definitions: dict[str, Json]) -> dict[str, Json]:
    said: dict[str, Json] = {"description": each.doc} if each.doc else {}
    match each.line:
        case Attr() as line:
            return said | _kind(line.kind)
        case OpenMap() as line:
            return said | {"type": "object", "additionalProperties": _kind(line.kind)}
        case Sub():
            return said | _reference(each.types[0], definitions)
        case Many():
            return said | {"type": "object", "additionalProperties": _reference(each.types[0], definitions)}
        case Choice():
            variants: list[Json] = [_variant(variant, definitions) for variant in each.types]
            return said | {"oneOf": variants}


def _variant(block: type[Block], definitions: dict[str, Json]) -> Json:
    properties: dict[str, Json] = {block.tag: _reference(block, definitions)}
    return {"type": "object", "properties": properties, "required": [block.tag], "additionalProperties": False}


@singledispatch
def _kind(kind: Kind) -> dict[str, Json]:
    return {}


@_kind.register
def _(kind: Flag) -> dict[str, Json]:
    return {"type": "boolean"}


@_kind.register
def _(kind: Presence) -> dict[str, Json]:
    return {"type": "boolean"}


@_kind.register
def _(kind: Integer) -> dict[str, Json]:
    bounds = {"minimum": kind.low, "maximum": kind.high}
    return {"type": "integer", **{name: bound for name, bound in bounds.items() if bound is not None}}


@_kind.register
def _(kind: OneOf) -> dict[str, Json]:
    return {"enum": list(kind.words)}


@_kind.register
def _(kind: Password) -> dict[str, Json]:
    return {"type": "string"}


@_kind.register
def _(kind: Words) -> dict[str, Json]:
    return {"type": "string"}


@_kind.register
def _(kind: WordFor) -> dict[str, Json]:
    return {"const": kind.word}


@_kind.register
def _(kind: Measure) -> dict[str, Json]:
    return {"type": "string", "pattern": f"^[0-9]+(\\.[0-9]+)?({'|'.join(_units(kind.dimension))})$"}


def _units(dimension: type[Quantity]) -> list[str]:
    return [unit for unit, _ in dimension.units]


@_kind.register
def _(kind: Cpus) -> dict[str, Json]:
    return {"type": ["string", "integer"], "pattern": "^\\^?[0-9]+(-[0-9]+)?(,\\^?[0-9]+(-[0-9]+)?)*$"}


@_kind.register
def _(kind: PinsOf) -> dict[str, Json]:
    return {"anyOf": [_kind(CPUS), {"type": "array", "items": _kind(CPUS)}]}


@_kind.register
def _(kind: CpuGroups) -> dict[str, Json]:
    return {"type": "array", "items": _kind(CPUS)}


@_kind.register
def _(kind: ListOf) -> dict[str, Json]:
    return {"type": "array", "items": _kind(kind.item)}


@_kind.register
def _(kind: Checked) -> dict[str, Json]:
    return _kind(kind.base)


@_kind.register
def _(kind: OrTrue) -> dict[str, Json]:
    return {"anyOf": [{"const": True}, _kind(kind.base)]}


@_kind.register
def _(kind: Either) -> dict[str, Json]:
    return {"anyOf": [_kind(kind.first), _kind(kind.second)]}
