"""Test cases in Markdown: a heading is a case, its fenced blocks are the program and what is expected of it.

A block ```` ```vmspec ```` is a file, ```` ```vmspec hosts/rack1.vmspec ```` one with a name. Below a line of it
stands what is found there:

    memory.size 4GiB
                ^^^^ error[0016]: a `=` is missing

The carets are the span (a single one also stands for an empty span); what follows the code, if anything, is part of the message. Such
lines are no part of the program. A program without one must be clean. Blocks in other languages are for the test that reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.source import position

MARK = re.compile(r"^(?P<before>\s*)(?P<carets>\^+) (?P<severity>error|warning)\[(?P<code>\d{4})\](?:: (?P<message>.*))?$")
FENCE = re.compile(r"^(?P<fence>```+)(?P<language>\S*) ?(?P<name>.*)$")
MAIN = "main.vmspec"


@dataclass(frozen=True)
class Mark:
    """A finding that a case expects: where, and what it says."""

    path: str
    line: int
    column: int
    width: int
    severity: str
    code: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column} +{self.width} {self.severity}[{self.code:04d}]: {self.message}"


@dataclass
class Case:
    name: str
    place: str
    """The Markdown file and line, for the one who has to look."""
    files: dict[str, str] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    others: dict[str, str] = field(default_factory=dict)
    """Blocks of other languages, by language."""

    @property
    def text(self) -> str:
        """The only file, or the first."""
        return next(iter(self.files.values()))


def read(file: Path) -> list[Case]:
    """The cases of a Markdown file, in order."""
    cases: list[Case] = []
    heading, place, fence, language, name = "", "", "", "", ""
    block: list[str] = []
    for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), 1):
        found = FENCE.match(line)
        if fence and line == fence:
            _add(cases, heading, place, language, name or MAIN, block)
            fence = ""
        elif fence:
            block.append(line)
        elif found:
            fence, language, name, block = found["fence"], found["language"], found["name"], []
        elif line.startswith("#"):
            heading, place = line.lstrip("# "), f"{file.name}:{number}"
    return cases


def _add(cases: list[Case], heading: str, place: str, language: str, name: str, block: list[str]) -> None:
    if not cases or cases[-1].place != place:
        cases.append(Case(heading, place))
    case = cases[-1]
    if language != "vmspec":
        case.others[language] = "".join(f"{line}\n" for line in block)
        return
    program: list[str] = []
    for line in block:
        mark = MARK.match(line)
        if mark is None:
            program.append(line)
        else:
            column, width = len(mark["before"]) + 1, len(mark["carets"])
            case.marks.append(Mark(name, len(program), column, width, mark["severity"], int(mark["code"]), mark["message"] or ""))
    case.files[name] = "".join(f"{line}\n" for line in program)


def params(folder: Path) -> Iterator[object]:
    """All cases of a folder as pytest parameters."""
    for file in sorted(folder.glob("*.md")):
        for case in read(file):
            yield pytest.param(case, id=f"{file.stem}: {case.name}")


def differences(case: Case, diagnostics: Iterable[Diagnostic]) -> list[str]:
    """What was expected and not found, and what was found and not expected; empty if all is as the case says."""
    found = [_mark(d) for d in diagnostics]
    out: list[str] = []
    for mark in case.marks:
        hit = next((f for f in found if _same(mark, f)), None)
        if hit is None:
            out.append(f"missing     {mark}")
        else:
            found.remove(hit)
    return [*out, *(f"unexpected  {f}" for f in found)]


def _mark(d: Diagnostic) -> Mark:
    if d.primary is None:
        return Mark("", 0, 0, 0, d.severity.value, d.code.number, d.message)
    source, start, end = d.primary
    at = position(source, start)
    line_end = start + len(source.text[start:].split("\n")[0])
    return Mark(source.path, at.line, at.column, max(1, min(end, line_end) - start), d.severity.value, d.code.number, d.message)


def _same(mark: Mark, found: Mark) -> bool:
    place = (mark.path, mark.line, mark.column, mark.width, mark.severity, mark.code)
    return place == (found.path, found.line, found.column, found.width, found.severity, found.code) and mark.message in found.message


def fixed(path: str, text: str, diagnostics: Iterable[Diagnostic]) -> str:
    """The text after every fix was accepted; of fixes that overlap, the first."""
    edits = [e for d in diagnostics if d.fix is not None for e in d.fix.edits if e.span.source.path == path]
    out, at = [], 0
    for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end)):
        if edit.span.start >= at:
            out += [text[at : edit.span.start], edit.text]
            at = edit.span.end
    return "".join([*out, text[at:]])
