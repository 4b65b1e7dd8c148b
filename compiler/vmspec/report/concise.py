"""One line for each diagnostic: `FILE:LINE:COL: error[2104 sibling-conflict]: message`."""

from __future__ import annotations

from collections.abc import Sequence

from vmspec.base.diagnostic import Diagnostic
from vmspec.report.location import SourceNames, locate, own_path
from vmspec.report.terminal import safe


def render(diagnostics: Sequence[Diagnostic], names: SourceNames = own_path) -> str:
    return "".join(line(d, names) + "\n" for d in diagnostics)


def line(diagnostic: Diagnostic, names: SourceNames) -> str:
    """Render a diagnostic without a line end; one without a span begins with its severity."""
    where = "" if diagnostic.primary is None else f"{locate(diagnostic.primary, names)}: "
    return safe(f"{where}{diagnostic.severity.value}[{diagnostic.code}]: {diagnostic.message}".replace("\n", " "))
