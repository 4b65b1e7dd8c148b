"""How diagnostics are written for people and machines: the formats by name, one module each, loaded when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from vmspec.base.diagnostic import Diagnostic
from vmspec.report.discreet import discreet
from vmspec.report.location import SourceNames, own_path

TEXT_FORMATS = ("full", "concise")
MACHINE_FORMATS = ("json", "sarif", "junit", "github")
FORMATS = TEXT_FORMATS + MACHINE_FORMATS


class Renderer(Protocol):
    """What each module has: one whole document, which ends with a line end unless it is empty."""

    def render(self, diagnostics: Sequence[Diagnostic], names: SourceNames, /) -> str: ...


def render(form: str, diagnostics: Sequence[Diagnostic], names: SourceNames = own_path, *, colour: bool = False) -> str:
    """The diagnostics in one of FORMATS. `names` says how a source is called for the reader; `colour` matters to `full` alone."""
    diagnostics = [discreet(each) for each in diagnostics]
    if form == "full":
        from vmspec.report import full

        return full.render(diagnostics, names, colour=colour)
    if form not in FORMATS:
        raise ValueError(f"no format {form!r}")
    return cast(Renderer, import_module(f"vmspec.report.{form}")).render(diagnostics, names)
