"""The JSON format: one versioned object, described in docs/outputs.md, in ASCII."""

from __future__ import annotations

import json
from collections.abc import Sequence

from vmspec.base.diagnostic import Diagnostic, Fix
from vmspec.base.json_text import Json
from vmspec.base.source import Span
from vmspec.report.location import SourceNames, locate, own_path

VERSION = 1


def render(diagnostics: Sequence[Diagnostic], names: SourceNames = own_path) -> str:
    return json.dumps({"version": VERSION, "diagnostics": [plain(d, names) for d in diagnostics]}, indent=2) + "\n"


def plain(diagnostic: Diagnostic, names: SourceNames) -> dict[str, Json]:
    """A diagnostic as JSON data."""
    return {
        "code": diagnostic.code.number,
        "name": diagnostic.code.name,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        **place(diagnostic.primary, names),
        "labels": [{**place(label.span, names), "message": label.message} for label in diagnostic.labels],
        "notes": list(diagnostic.notes),
        "help": diagnostic.help,
        "fix": None if diagnostic.fix is None else _fix(diagnostic.fix, names),
        **({"objects": list(diagnostic.objects)} if diagnostic.objects else {}),
    }


def place(span: Span | None, names: SourceNames) -> dict[str, Json]:
    """The location of a span as JSON data: `file`, `line`, `column`, `end_line`, `end_column`; null without a span."""
    if span is None:
        return dict.fromkeys(("file", "line", "column", "end_line", "end_column"))
    return dict(locate(span, names)._asdict())


def _fix(fix: Fix, names: SourceNames) -> dict[str, Json]:
    return {"title": fix.title, "edits": [{**place(edit.span, names), "text": edit.text} for edit in fix.edits]}
