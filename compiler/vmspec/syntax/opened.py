"""Turns the block after a value, `source = file("/a") { encryption { … } }`, into arguments of its call."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.source import Span
from vmspec.syntax import codes
from vmspec.syntax.scanner import shown
from vmspec.syntax.tree import Argument, Block, Body, Call, Entry, Expr, MapOf, Opened, Path, Ref, Segment, Set, Statement


def opened(value: Expr, body: Body) -> tuple[Expr, list[Diagnostic]]:
    """A call or a word, extended by the settings of its block as further arguments."""
    found: list[Diagnostic] = []
    inside = MapOf(body.span, entries(body, found))
    span = Span(value.span.source, value.span.start, body.span.end)
    if isinstance(value, Ref) and len(value.segments) == 1:
        value = Call(value.span, value, ())
    return (
        Call(span, value.function, (*value.arguments, *named(inside))) if isinstance(value, Call) else Opened(span, value, inside)
    ), found


def named(inside: MapOf) -> Iterator[Argument]:
    """Settings as named arguments."""
    for entry in inside.entries:
        name = entry.path.segments[0]
        yield Argument(entry.span, name.name, name.span, entry.value)


def entries(body: Body, found: list[Diagnostic]) -> tuple[Entry, ...]:
    """The settings and blocks of a body by name, each once; anything else is reported in `found`."""
    flat = [entry for statement in body.statements if (entry := _entry(statement, found)) is not None]
    return _grouped(flat)


def _entry(node: Statement, found: list[Diagnostic]) -> Entry | None:
    match node:
        case Set(operator="=", final=False):
            return Entry(node.span, node.path, node.value)
        case Block(final=False, replace=False, parents=(), where=None):
            label = (node.label,) if node.label is not None else ()
            path = Path(node.path.span, (*node.path.segments, *label))
            return Entry(node.span, path, MapOf(node.body.span, entries(node.body, found)))
        case _:
            message = f"a block that opens a value holds `name = value` and blocks, and this is `{shown(node.span.text.splitlines()[0])}`"
            found.append(Diagnostic(codes.IN_VALUE, message, node.span))
            return None


def _grouped(flat: list[Entry]) -> tuple[Entry, ...]:
    """`a.b = 1; a { c = 2 }` as `a { b = 1; c = 2 }`. A value that stands twice stays twice, for the one who reads it to refuse."""
    groups: dict[str, list[Entry]] = {}
    for entry in flat:
        groups.setdefault(entry.path.segments[0].name, []).append(entry)
    return tuple(one for group in groups.values() for one in _merged(group))


def _merged(group: list[Entry]) -> list[Entry]:
    first = group[0]
    head = Path(first.path.segments[0].span, first.path.segments[:1])
    deeper = [inner for entry in group for inner in _below(entry)]
    if len(group) == 1 and len(first.path.segments) == 1:
        return group
    if any(len(entry.path.segments) == 1 and not isinstance(entry.value, MapOf) for entry in group):
        return group
    return [Entry(first.span, head, MapOf(first.value.span, _grouped(deeper)))]


def _below(entry: Entry) -> list[Entry]:
    rest: tuple[Segment, ...] = entry.path.segments[1:]
    if rest:
        return [Entry(entry.span, Path(entry.path.span, rest), entry.value)]
    return list(entry.value.entries) if isinstance(entry.value, MapOf) else []
