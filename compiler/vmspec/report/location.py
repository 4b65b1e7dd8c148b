"""Locations: file, line and column of a span, as they are shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from vmspec.base.source import Source, Span, position

SourceNames: TypeAlias = Callable[[Source], str]
"""Maps a source to the path that is shown: relative to the working directory."""


def own_path(source: Source) -> str:
    return source.path


class Location(NamedTuple):
    """`line`/`column` of the first character, `end_line`/`end_column` of the one after the last."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


def locate(span: Span, names: SourceNames) -> Location:
    """The location of a span; a span beyond the end of its source is clipped."""
    size = len(span.source.text)
    start = min(max(span.start, 0), size)
    end = min(max(span.end, start), size)
    return Location(names(span.source), *position(span.source, start), *position(span.source, end))
