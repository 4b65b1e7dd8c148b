"""Renders the source lines of a diagnostic, with spans underlined and labels beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vmspec.base.record import record
from vmspec.base.source import Source, Span, position
from vmspec.base.unspoken import covered_line
from vmspec.report.style import Paint, Style
from vmspec.report.terminal import shown, width

LONGEST = 160
"""The longest source line that is shown whole; of a longer one, a part around the span."""


@record(frozen=True)
class Underline:
    """A span to underline: the primary one with `^`, the others with `-`."""

    span: Span
    message: str
    primary: bool
    paint: Paint


class _Stroke(NamedTuple):
    """The part of an underline on one line: characters `start` to `end`, from 0; the message goes to the last part."""

    line: int
    start: int
    end: int
    mark: Underline
    message: str


def excerpt(source: Source, marks: list[Underline], gutter: int, look: Style) -> Iterator[str]:
    """Render each underlined line once, in order, with `...` for skipped lines; a gap of one line is shown."""
    strokes = sorted((s for mark in marks for s in _strokes(source, mark)), key=lambda s: (s.line, not s.mark.primary, s.start))
    before = 0
    for line in sorted({s.line for s in strokes}):
        if before and line == before + 2:
            yield _source_line(covered_line(source, before + 1)[:LONGEST], before + 1, gutter, look)
        elif before and line > before + 2:
            yield look.frame("...")
        here = [s for s in strokes if s.line == line]
        text, shift = _window(covered_line(source, line), min(s.start for s in here))
        yield _source_line(text, line, gutter, look)
        yield from (_underline(text, stroke, shift, gutter, look) for stroke in here)
        before = line


def _strokes(source: Source, mark: Underline) -> Iterator[_Stroke]:
    """Split a span: one over several lines is underlined where it begins and where it ends."""
    size = len(source.text)
    start = min(max(mark.span.start, 0), size)
    end = min(max(mark.span.end, start), size)
    first, last = position(source, start), position(source, end)
    if last.column == 1 and last.line > first.line:  # ends with the line end of the line before
        last = type(last)(last.line - 1, len(source.line_text(last.line - 1)) + 1)
    if first.line == last.line:
        yield _Stroke(first.line, first.column - 1, last.column - 1, mark, mark.message)
        return
    yield _Stroke(first.line, first.column - 1, len(source.line_text(first.line)), mark, "")
    text = source.line_text(last.line)
    yield _Stroke(last.line, min(len(text) - len(text.lstrip()), last.column - 1), last.column - 1, mark, mark.message)


def _window(text: str, start: int) -> tuple[str, int]:
    """The visible part of a long line, and the number of characters that were cut at its front."""
    if len(text) <= LONGEST:
        return text, 0
    cut = max(0, min(start - LONGEST // 4, len(text) - LONGEST))
    return text[cut : cut + LONGEST], cut


def _source_line(text: str, number: int, gutter: int, look: Style) -> str:
    return f"{look.frame(f'{number:{gutter}} |')} {shown(text)}".rstrip()


def _underline(text: str, stroke: _Stroke, shift: int, gutter: int, look: Style) -> str:
    start = min(max(stroke.start - shift, 0), len(text))
    end = min(max(stroke.end - shift, start), len(text))
    indent = width(shown(text[:start]))
    cells = max(1, width(shown(text[start:end])))
    drawn = stroke.mark.paint(("^" if stroke.mark.primary else "-") * cells + (f" {stroke.message}" if stroke.message else ""))
    return f"{look.frame(' ' * gutter + ' |')} {' ' * indent}{drawn}"
