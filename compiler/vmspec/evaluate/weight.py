"""Bounds the size of values: the number of items when written out, where a list contains another several times.

`let $b = [$a, $a]` takes no more memory than a list of two, but comparing, printing or emitting it looks at `$a` twice; forty such
lines would be a million million items.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from vmspec.base.source import Span
from vmspec.evaluate.session import MAX_DEPTH, MAX_LIST, Session
from vmspec.model.value import Tagged, Value

_CHARACTERS = 64
"""So many characters count as one item of a list."""


def weighed(value: Value, span: Span, session: Session) -> Value:
    """A new list, map or source; reports one with too many nested items or too deep nesting."""
    size, depth = _sum(_parts(value), session)
    if size > MAX_LIST:
        session.exhausted(f"a list or map of more than {MAX_LIST:,} items, those of its items included", span)
    if depth > MAX_DEPTH:
        session.exhausted(f"lists and maps are nested more than {MAX_DEPTH} deep", span)
    _remember(value, size, depth, session)
    return value


def size_of(value: Value, session: Session) -> int:
    """The number of items that a walk over the value meets."""
    return _weigh(value, session)[0]


def _weigh(value: Value, session: Session) -> tuple[int, int]:
    """Items and depth."""
    if isinstance(value, str):
        return 1 + len(value) // _CHARACTERS, 0
    if not isinstance(value, (tuple, Mapping, Tagged)):
        return 1, 0
    known = session.weights.get(id(value))
    if known is not None:
        return known[1:]
    size, depth = _sum(_parts(value), session)
    _remember(value, size, depth, session)
    return size, depth


def _remember(value: Value, size: int, depth: int, session: Session) -> None:
    """A list of plain values is as soon counted as looked up."""
    if depth > 1:
        session.weights[id(value)] = (value, size, depth)


def _sum(parts: Collection[Value], session: Session) -> tuple[int, int]:
    size, depth = 1, 0
    for part in parts:
        inner, below = _weigh(part, session)
        size += inner
        depth = max(depth, below)
    return size, depth + 1


def _parts(value: Value) -> Collection[Value]:
    match value:
        case tuple():
            return value
        case Mapping():
            return value.values()
        case Tagged():
            return (*value.positional, *(item for _, item in value.named))
        case _:
            return ()
