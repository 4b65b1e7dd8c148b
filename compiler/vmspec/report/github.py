"""Workflow commands of GitHub Actions, one line for each diagnostic, which become annotations of a pull request.

Form and escapes: docs.github.com, "Workflow commands for GitHub Actions"; actions/toolkit, packages/core/src/command.ts.
"""

from __future__ import annotations

from collections.abc import Sequence

from vmspec.base.diagnostic import Diagnostic
from vmspec.report.location import SourceNames, locate, own_path
from vmspec.report.terminal import safe_lines


def render(diagnostics: Sequence[Diagnostic], names: SourceNames = own_path) -> str:
    return "".join(_command(d, names) + "\n" for d in diagnostics)


def _command(diagnostic: Diagnostic, names: SourceNames) -> str:
    properties = {**_place(diagnostic, names), "title": str(diagnostic.code)}
    pairs = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{diagnostic.severity.value} {pairs}::{_data(_text(diagnostic, names))}"


def _place(diagnostic: Diagnostic, names: SourceNames) -> dict[str, str]:
    if diagnostic.primary is None:
        return {}
    at = locate(diagnostic.primary, names)
    place = {"file": at.file, "line": str(at.line), "endLine": str(at.end_line)}
    # Columns only mean something to GitHub where the span is on one line.
    return place | ({"col": str(at.column), "endColumn": str(at.end_column)} if at.line == at.end_line else {})


def _text(diagnostic: Diagnostic, names: SourceNames) -> str:
    parts = [diagnostic.message]
    parts += [f"{locate(label.span, names)}: {label.message}" for label in diagnostic.labels]
    parts += [f"note: {note}" for note in diagnostic.notes]
    parts += [f"help: {diagnostic.help}"] if diagnostic.help else []
    return "\n".join(parts)


def _data(text: str) -> str:
    return safe_lines(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
