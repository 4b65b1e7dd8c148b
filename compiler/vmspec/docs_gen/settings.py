"""What the body of a profile or object says, one statement at a time, each with the comment that stands above it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmspec.base.record import record
from vmspec.base.source import Span, position
from vmspec.syntax import tree

REASON = "##"


@record(frozen=True)
class SettingsGroup:
    """Statements that stand together under one reason, in source order; `""` is no reason."""

    reason: str
    statements: tuple[str, ...]


@record(frozen=True)
class _Said:
    text: str
    reason: str
    first: int
    last: int
    """Its lines."""


def groups(body: tree.Body, reasons: Mapping[int, str]) -> Iterator[SettingsGroup]:
    """A statement without a comment belongs to the one directly above it, unless an empty line parts them."""
    together: list[_Said] = []
    for said in _statements(body, reasons, "", "", ""):
        if together and (said.reason not in ("", together[0].reason) or (not said.reason and said.first > together[-1].last + 1)):
            yield _group(together)
            together = []
        together.append(said)
    if together:
        yield _group(together)


def reasons_of(file: tree.File) -> dict[int, str]:
    """Line of a statement → the `##` lines directly above it, as one text."""
    found: dict[int, list[str]] = {}
    for comment in file.comments:
        line = position(file.source, comment.span.start).line
        alone = not file.source.line_text(line)[: position(file.source, comment.span.start).column - 1].strip()
        if alone and comment.text.startswith(REASON):
            found[line + 1] = [*found.pop(line, []), comment.text.removeprefix(REASON).strip()]
    return {line: "\n".join(lines) for line, lines in found.items()}


def _group(together: list[_Said]) -> SettingsGroup:
    return SettingsGroup(together[0].reason, tuple(said.text for said in together))


def _statements(body: tree.Body, reasons: Mapping[int, str], path: str, condition: str, reason: str) -> Iterator[_Said]:
    for each in body.statements:
        first, last = _lines(each.span)
        own = reasons.get(first) or reason
        match each:
            case tree.Block():
                label = f" {each.label.span.text}" if each.label else ""
                word = "replace " if each.replace else "final " if each.final else ""
                inside = f"{path}{each.path.span.text}{label}."
                fits = f"where {each.where.span.line}: " if each.where is not None else ""
                yield from _statements(each.body, reasons, inside, f"{condition}{fits}{word}", own)
            case tree.When():
                yield from _when(each, reasons, path, condition, own)
            case tree.For():
                names = ", ".join(f"${name.name}" for name in each.names)
                loop = f"{condition}for {names} in {each.source.span.line}: "
                yield from _statements(each.body, reasons, path, loop, own)
            case tree.Set() | tree.Unset():
                yield _Said(f"{condition}{_placed(each, path)}", own, first, last)
            case _:
                pass


def _when(each: tree.When, reasons: Mapping[int, str], path: str, condition: str, reason: str) -> Iterator[_Said]:
    test = each.condition.span.line
    yield from _statements(each.body, reasons, path, f"{condition}when {test}: ", reason)
    match each.otherwise:
        case tree.Body() as body:
            yield from _statements(body, reasons, path, f"{condition}when not ({test}): ", reason)
        case tree.When() as other:
            yield from _when(other, reasons, path, f"{condition}when not ({test}), ", reason)
        case None:
            pass


def _placed(each: tree.Set | tree.Unset, path: str) -> str:
    """The statement with its whole path: `disk "*".cache ?= none`."""
    text, own = each.span.line, each.path.span.line
    before, _, after = text.partition(own)
    return f"{before}{path}{own}{after}"


def _lines(span: Span) -> tuple[int, int]:
    return position(span.source, span.start).line, position(span.source, max(span.start, span.end - 1)).line
