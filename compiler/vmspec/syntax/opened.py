"""Turns the block after a value, `source = file("/a") { encryption { … } }`, into arguments of its call."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.source import Span
from vmspec.syntax import codes, tree
from vmspec.syntax.scanner import shown


def opened(value: tree.Expr, body: tree.Body) -> tuple[tree.Expr, list[Diagnostic]]:
    """A call or a word, extended by the settings of its block as further arguments."""
    found: list[Diagnostic] = []
    inside = tree.MapOf(body.span, entries(body, found))
    span = Span(value.span.source, value.span.start, body.span.end)
    if isinstance(value, tree.Ref) and len(value.segments) == 1:
        value = tree.Call(value.span, value, ())
    return (
        tree.Call(span, value.function, (*value.arguments, *named(inside)))
        if isinstance(value, tree.Call)
        else tree.Opened(span, value, inside)
    ), found


def named(inside: tree.MapOf) -> Iterator[tree.Argument]:
    """Settings as named arguments."""
    for entry in inside.entries:
        name = entry.path.segments[0]
        yield tree.Argument(entry.span, name.name, name.span, entry.value)


def entries(body: tree.Body, found: list[Diagnostic]) -> tuple[tree.Entry, ...]:
    """The settings and blocks of a body by name, each once; anything else is reported in `found`."""
    flat = [entry for statement in body.statements if (entry := _entry(statement, found)) is not None]
    return _grouped(flat)


def _entry(node: tree.Statement, found: list[Diagnostic]) -> tree.Entry | None:
    match node:
        case tree.Set(operator="=", final=False):
            return tree.Entry(node.span, node.path, node.value)
        case tree.Block(final=False, replace=False, parents=(), where=None):
            label = (node.label,) if node.label is not None else ()
            path = tree.Path(node.path.span, (*node.path.segments, *label))
            return tree.Entry(node.span, path, tree.MapOf(node.body.span, entries(node.body, found)))
        case _:
            message = f"a block that opens a value holds `name = value` and blocks, and this is `{shown(node.span.text.splitlines()[0])}`"
            found.append(Diagnostic(codes.IN_VALUE, message, node.span))
            return None


def _grouped(flat: list[tree.Entry]) -> tuple[tree.Entry, ...]:
    """`a.b = 1; a { c = 2 }` as `a { b = 1; c = 2 }`. A value that stands twice stays twice, for the one who reads it to refuse."""
    groups: dict[str, list[tree.Entry]] = {}
    for entry in flat:
        groups.setdefault(entry.path.segments[0].name, []).append(entry)
    return tuple(one for group in groups.values() for one in _merged(group))


def _merged(group: list[tree.Entry]) -> list[tree.Entry]:
    first = group[0]
    head = tree.Path(first.path.segments[0].span, first.path.segments[:1])
    deeper = [inner for entry in group for inner in _below(entry)]
    if len(group) == 1 and len(first.path.segments) == 1:
        return group
    if any(len(entry.path.segments) == 1 and not isinstance(entry.value, tree.MapOf) for entry in group):
        return group
    return [tree.Entry(first.span, head, tree.MapOf(first.value.span, _grouped(deeper)))]


def _below(entry: tree.Entry) -> list[tree.Entry]:
    rest: tuple[tree.Segment, ...] = entry.path.segments[1:]
    if rest:
        return [tree.Entry(entry.span, tree.Path(entry.path.span, rest), entry.value)]
    return list(entry.value.entries) if isinstance(entry.value, tree.MapOf) else []
