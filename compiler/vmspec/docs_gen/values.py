"""What a kind of value takes, in words."""

from __future__ import annotations

from vmspec.docs_gen.page import code, prose
from vmspec.model.kind import Anything, Checked, Either, Integer, Kind, ListOf, Measure, OneOf, OrTrue, WordFor
from vmspec.model.value import show_quantity


def takes(kind: Kind) -> str:
    match kind:
        case OneOf():
            return " ".join(code(word) for word in kind.words)
        case Integer():
            return f"whole number{_bounds(kind)}"
        case Measure():
            least = f", at least {show_quantity(kind.dimension(kind.low))}" if kind.low else ""
            return f"{prose(_noun(kind))}{least}; libvirt counts in {kind.unit}"
        case ListOf():
            return f"{'set' if kind.unordered else 'list'} of: {takes(kind.item)}"
        case Checked():
            return takes(kind.base)
        case OrTrue():
            return f"{code('true')}, or {takes(kind.base)}"
        case Either():
            return f"{takes(kind.first)}, or {takes(kind.second)}"
        case WordFor():
            return code(kind.word)
        case Anything():
            return "any value"
        case _:
            return prose(_noun(kind))


def _bounds(kind: Integer) -> str:
    match kind.low, kind.high:
        case None, None:
            return ", may be negative"
        case None, high:
            return f", at most {high}"
        case low, None:
            return f", {low} or more"
        case low, high:
            return f", {low} to {high}"


def _noun(kind: Kind) -> str:
    return kind.noun
