"""The format for people: message, source excerpt, notes, help and suggested change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from vmspec.base.diagnostic import Diagnostic, Fix, Severity
from vmspec.base.source import Source, position
from vmspec.base.unspoken import covered
from vmspec.report.excerpt import Underline, excerpt
from vmspec.report.location import SourceNames, locate, own_path
from vmspec.report.style import PLAIN, Style, style
from vmspec.report.terminal import counted, safe, safe_lines, shown


def render(diagnostics: Sequence[Diagnostic], names: SourceNames = own_path, *, colour: bool = False) -> str:
    """Render each diagnostic, followed by an empty line, and a count at the end."""
    if not diagnostics:
        return ""
    look = style(colour)
    parts = [one(d, names, look) + "\n" for d in diagnostics]
    return "\n".join([*parts, _count(diagnostics, look) + "\n"])


def one(diagnostic: Diagnostic, names: SourceNames, look: Style = PLAIN) -> str:
    """Render one diagnostic without the final line end."""
    error = diagnostic.severity is Severity.ERROR
    paint = look.error if error else look.warning
    head = f"{paint(f'{diagnostic.severity.value}[{diagnostic.code}]')}{look.strong(': ' + safe(diagnostic.message))}"
    marks = [] if diagnostic.primary is None else [Underline(diagnostic.primary, "", True, paint)]
    marks += [Underline(label.span, safe(label.message.replace("\n", " ")), False, look.label) for label in diagnostic.labels]
    gutter = max((len(str(locate(mark.span, names).end_line)) for mark in marks), default=1)
    return "\n".join([head, *_excerpts(marks, names, gutter, look), *_notes(diagnostic, names, gutter, look)])


def _excerpts(marks: list[Underline], names: SourceNames, gutter: int, look: Style) -> Iterator[str]:
    """One excerpt for each file: first the file of the primary span, then the others in the order of the labels."""
    order = list(dict.fromkeys(mark.span.source for mark in marks))
    bar = look.frame(" " * (gutter + 1) + "|")
    for number, source in enumerate(order):
        here = [mark for mark in marks if mark.span.source is source]
        arrow = "-->" if number == 0 else ":::"
        yield f"{look.frame(' ' * gutter + arrow)} {safe(str(locate(here[0].span, names)))}"
        yield bar
        yield from excerpt(source, here, gutter, look)
    if order:
        yield bar


def _notes(diagnostic: Diagnostic, names: SourceNames, gutter: int, look: Style) -> Iterator[str]:
    texts = [("note", note) for note in diagnostic.notes] + ([("help", diagnostic.help)] if diagnostic.help else [])
    margin = " " * (gutter + 1)
    for title, text in texts:
        lines = safe_lines(text).split("\n")
        yield f"{margin}{look.frame('=')} {look.strong(title)}: {lines[0]}"
        yield from (f"{margin}{' ' * (len(title) + 4)}{line}" for line in lines[1:])
    if diagnostic.fix is not None:
        yield f"{margin}{look.frame('=')} {look.strong('fix')}: {safe(diagnostic.fix.title)}"
        yield from _change(diagnostic.fix, names, gutter, look)


def _change(fix: Fix, names: SourceNames, gutter: int, look: Style) -> Iterator[str]:
    """The lines that a fix touches, before and after."""
    edits = sorted(fix.edits, key=lambda edit: (names(edit.span.source), edit.span.start, edit.span.end))
    several = len({edit.span.source for edit in edits}) > 1
    for source, here in groupby(edits, key=lambda edit: edit.span.source):
        if several:
            yield f"{look.frame(' ' * gutter + ':::')} {safe(names(source))}"
        for first, before, after in _touched(source, [(edit.span.start, edit.span.end, edit.text) for edit in here]):
            for number, line in enumerate(before, first):
                yield f"{look.frame(f'{number:{gutter}}')} {look.removed('- ' + shown(line))}".rstrip()
            for number, line in enumerate(after, first):
                yield f"{look.frame(f'{number:{gutter}}')} {look.added('+ ' + shown(line))}".rstrip()


def _touched(source: Source, edits: list[tuple[int, int, str]]) -> Iterator[tuple[int, list[str], list[str]]]:
    """Group edits on the same lines, as (number of the first line, lines before, lines after)."""
    while edits:
        first, last = position(source, edits[0][0]).line, position(source, edits[0][1]).line
        run = 1
        while run < len(edits) and position(source, edits[run][0]).line <= last:
            last = max(last, position(source, edits[run][1]).line)
            run += 1
        start = source.line_starts[first - 1]
        end = start + len("\n".join(_lines(source, first, last)))
        before, after, at = source.text[start:end], "", start
        for edit_start, edit_end, text in edits[:run]:
            after += source.text[at:edit_start] + text
            at = edit_end
        after += source.text[at:end]
        yield first, _split(covered(before)), _split(covered(after)) if after else []
        edits = edits[run:]


def _lines(source: Source, first: int, last: int) -> list[str]:
    """Lines as they are, with a carriage return but without the `\\n`."""
    ends = [*source.line_starts[1:], len(source.text) + 1]
    return [source.text[source.line_starts[n - 1] : ends[n - 1] - 1] for n in range(first, last + 1)]


def _split(text: str) -> list[str]:
    return [line.rstrip("\r") for line in text.split("\n")]


def _count(diagnostics: Sequence[Diagnostic], look: Style) -> str:
    errors = sum(d.severity is Severity.ERROR for d in diagnostics)
    warnings = len(diagnostics) - errors
    parts = [look.error(counted(errors, "error"))] * bool(errors) + [look.warning(counted(warnings, "warning"))] * bool(warnings)
    return ", ".join(parts)
