"""Renders diagnostics for people and machines: one module for each format, imported on demand."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from vmspec.base.diagnostic import Diagnostic
from vmspec.report.location import SourceNames, own_path

TEXT_FORMATS = ("full", "concise")
MACHINE_FORMATS = ("json", "sarif", "junit", "github")
FORMATS = TEXT_FORMATS + MACHINE_FORMATS


class Renderer(Protocol):
    """The interface of a format's module: `render` gives a complete document that ends with a line end, or nothing."""

    def render(self, diagnostics: Sequence[Diagnostic], names: SourceNames, /) -> str: ...


def render(form: str, diagnostics: Sequence[Diagnostic], names: SourceNames = own_path, *, colour: bool = False) -> str:
    """Render diagnostics in one of FORMATS. `names` maps a source to the path that is shown; `colour` applies to `full` only."""
    if not diagnostics and form in TEXT_FORMATS:
        return ""
    from vmspec.report.discreet import discreet

    diagnostics = [discreet(each) for each in diagnostics]
    if form == "full":
        from vmspec.report import full

        return full.render(diagnostics, names, colour=colour)
    if form not in FORMATS:
        raise ValueError(f"no format {form!r}")
    return cast(Renderer, import_module(f"vmspec.report.{form}")).render(diagnostics, names)
