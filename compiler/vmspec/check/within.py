"""Finds where in the source a part of a value is written: a line of a text, an entry of a map."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from vmspec.base.provenance import Provenance
from vmspec.base.record import record
from vmspec.base.source import Source, Span
from vmspec.model.document import Place
from vmspec.syntax import tree
from vmspec.syntax.parser import parse


@record(frozen=True, slots=True)
class TextPart:
    """A line of a text, from 0, as it stands in the value, and where in it."""

    number: int
    column: int
    text: str


@record(frozen=True, slots=True)
class MapPart:
    """An entry or an item; `of_key`: its key."""

    place: Place
    of_key: bool = False


def span_within(trail: Provenance, part: TextPart | MapPart) -> Span | None:
    """None where the value is made of others in a way that has no place of its own."""
    for span in _written(trail):
        found = _line(span, part) if isinstance(part, TextPart) else _entry(span, part)
        if found is not None:
            return found
    return None


def _written(trail: Provenance) -> Iterator[Span]:
    """The statements that set it, the last one first, and the variables that they read."""
    for step in reversed(trail):
        if step.span is not None:
            yield step.span
        yield from (each.span for each in step.inputs)


def _line(span: Span, part: TextPart) -> Span | None:
    """The line of a `\"\"\"` block that the line of its value came from: the same but for the indentation and what was put in."""
    opening = span.text.find('"""')
    lines = span.text[opening:].split("\n")
    number = part.number + (1 if lines[0].strip() == '"""' else 0)
    if opening < 0 or number >= len(lines):
        return None
    line = lines[number].rstrip()
    start = opening + sum(len(each) + 1 for each in lines[:number])
    if line.strip() == part.text.strip() or (number == 0 and line == f'"""{part.text}'):
        at = line.find(part.text.rstrip()) + part.column
    elif "${" in line or "\\" in line:
        at = len(line) - len(line.lstrip())
    else:
        return None
    end = max(at + 1, len(line))
    return Span(span.source, span.start + start + at, span.start + start + end)


def _entry(span: Span, part: MapPart) -> Span | None:
    value = _expression(span.text)
    if value is None:
        return None
    found: Span | None = None
    for step in part.place:
        if isinstance(value, tree.ListOf) and isinstance(step, int) and step < len(value.items):
            value = value.items[step]
            found = value.span
        elif isinstance(value, tree.MapOf) and isinstance(step, str):
            entry = next((each for each in value.entries if ".".join(s.name for s in each.path.segments) == step), None)
            if entry is None:
                break
            value, found = entry.value, entry.path.span if part.of_key else entry.span
        else:
            break
    return None if found is None else Span(span.source, span.start + found.start, span.start + found.end)


@lru_cache(maxsize=64)
def _expression(text: str) -> tree.Expr | None:
    """The value of a statement, or the statement itself where it is the value of a variable."""
    for whole in (text, f"a = {text}"):
        statements = parse(Source("", whole)).statements
        only = statements[0] if len(statements) == 1 else None
        if isinstance(only, tree.Set | tree.Let):
            return only.value if whole is text else None
    return None
