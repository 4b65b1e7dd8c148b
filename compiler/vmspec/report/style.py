"""Terminal styles by meaning, with and without colour."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from vmspec.base.record import record

Paint: TypeAlias = Callable[[str], str]


@record(frozen=True)
class Style:
    error: Paint
    warning: Paint
    label: Paint
    frame: Paint
    strong: Paint
    added: Paint
    removed: Paint


def _as_it_is(text: str) -> str:
    return text


def _sgr(*parameters: int) -> Paint:
    """ECMA-48 select graphic rendition."""
    start = f"\x1b[{';'.join(map(str, parameters))}m"
    return lambda text: f"{start}{text}\x1b[0m" if text else ""


PLAIN = Style(*[_as_it_is] * 7)
COLOURED = Style(error=_sgr(1, 31), warning=_sgr(1, 33), label=_sgr(36), frame=_sgr(34), strong=_sgr(1), added=_sgr(32), removed=_sgr(31))


def style(colour: bool) -> Style:
    return COLOURED if colour else PLAIN
