"""Iterates `each` and `for`: the values of the loop variables in each round."""

from __future__ import annotations

from collections.abc import Mapping

from vmspec.base.source import Span
from vmspec.evaluate import codes
from vmspec.evaluate.operators import describe
from vmspec.evaluate.session import MAX_LIST, POISON, Binding, Frame, Session
from vmspec.model.value import CpuSet, Symbol, Value
from vmspec.resolve import codes as names
from vmspec.syntax import tree


def iterate(value: Value, variables: tuple[tree.Segment, ...], at: Span, session: Session) -> list[dict[str, Value]] | None:
    """The bindings of a loop: of a list, the item (with two variables: index from 0, item); of a map, the value (key, value)."""
    pairs: list[tuple[Value, Value]]
    match value:
        case tuple():
            pairs = list(enumerate(value))
        case CpuSet():
            pairs = list(enumerate(value))
        case Mapping():
            pairs = [(Symbol(k), v) for k, v in value.items()]
        case _:
            session.say(codes.NOT_FINITE, f"{describe(value)} is no list, map or cpuset", at)
            return None
    if len(pairs) > MAX_LIST:
        session.exhausted(f"a loop over {len(pairs):,} items", at)
    if len(variables) == 1:
        return [{variables[0].name: item} for _, item in pairs]
    return [{variables[0].name: key, variables[1].name: item} for key, item in pairs]


def without_misplaced(statements: tuple[tree.Statement, ...], frame: Frame, session: Session, makes_objects: bool = False) -> Frame:
    """Report each `each` of a body that makes no objects. What it binds, and what a `param` does, is in error in the frame returned."""
    for node in statements:
        if isinstance(node, tree.Each) and not makes_objects:
            help_ = "inside a body, `for` repeats blocks"
            session.say(names.MISPLACED, "`each` stands directly in a vm or host", node.span, help=help_)
            frame = Frame(frame.unit, frame, {n.name: Binding(n.span, value=POISON) for n in node.names})
        elif isinstance(node, tree.Param):
            frame = Frame(frame.unit, frame, {node.name.name: Binding(node.span, value=POISON)})
    return frame
