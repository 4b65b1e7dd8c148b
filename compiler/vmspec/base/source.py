"""Source texts and spans; the only module that turns offsets into lines and columns."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple


class Source:
    """The text of one file, under the path that messages show (relative, `/` as separator).

    `text` has had a leading byte order mark removed, and its line ends are as they were written.
    """

    def __init__(self, path: str, text: str, standard: bool = False) -> None:
        self.path = path
        self.text = text
        self.standard = standard
        """Whether it belongs to the standard library, which the user cannot edit."""

    def __repr__(self) -> str:
        return f"Source({self.path!r})"

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """The offset at which each line begins; lines end at `\\n`, so `\\r\\n` counts once."""
        starts = [0]
        at = self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return tuple(starts)

    def line_text(self, line: int) -> str:
        """The text of a line, counted from 1, without its line end."""
        start = self.line_starts[line - 1]
        end = self.line_starts[line] if line < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")


class Span(NamedTuple):
    """A half-open range of character offsets in a source."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> str:
        """The text as a message quotes it: on one line, whatever blanks and line ends it has."""
        return " ".join(self.text.split())

    def to(self, other: Span) -> Span:
        """A span from the start of this one to the end of another in the same source."""
        return Span(self.source, self.start, other.end)


class Position(NamedTuple):
    """Line and column, both from 1; columns count characters."""

    line: int
    column: int


def position(source: Source, offset: int) -> Position:
    line = bisect_right(source.line_starts, offset)
    return Position(line, offset - source.line_starts[line - 1] + 1)


def utf16_column(source: Source, offset: int) -> int:
    """The column from 0 in UTF-16 code units, as the Language Server Protocol counts."""
    start = source.line_starts[bisect_right(source.line_starts, offset) - 1]
    return sum(2 if ord(c) > 0xFFFF else 1 for c in source.text[start:offset])
