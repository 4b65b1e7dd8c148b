"""A block as its XML says it: without intents, which have no place there."""

from __future__ import annotations

from typing import TypeVar

from vmspec.model.block import Attr, Block, OpenMap, schema

B = TypeVar("B", bound=Block)
KEPT = 8192
_intents: dict[type[Block], frozenset[str]] = {}
_plain: dict[int, tuple[Block, Block]] = {}


def without_intents(block: B) -> B:
    """Blocks that several objects share stay shared."""
    known = _plain.get(id(block))
    if known is not None and known[0] is block:
        return known[1]  # type: ignore[return-value]
    intents = _of(type(block))
    changes: dict[str, object] = {}
    for name, value in vars(block).items():
        if name in intents:
            changes[name] = None
        elif isinstance(value, Block):
            plain = without_intents(value)
            if plain is not value:
                changes[name] = plain if plain.tag or _says_something(plain) else None
        elif isinstance(value, tuple) and value and isinstance(value[0], Block):
            blocks = tuple([without_intents(each) for each in value])
            if any(one is not other for one, other in zip(blocks, value, strict=True)):
                changes[name] = blocks
    found = block.but(**changes) if changes else block
    if len(_plain) >= KEPT:
        _plain.clear()
    _plain[id(block)] = block, found
    return found


def _says_something(block: Block) -> bool:
    return any(value is not None and value != () and value != {} for name, value in vars(block).items() if name != "label")


def _of(block: type[Block]) -> frozenset[str]:
    known = _intents.get(block)
    if known is None:
        found = [each.python for each in schema(block) if isinstance(each.line, Attr | OpenMap) and not _stands(each.line)]
        known = _intents[block] = frozenset(found) - {"implicit"}
    return known


def _stands(line: Attr | OpenMap) -> bool:
    """Whether it has a place in XML; that of an element's own text is the empty one."""
    return line.place is not None if isinstance(line, Attr) else bool(line.place)
