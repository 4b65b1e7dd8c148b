"""SARIF 2.1.0 (OASIS standard, 27 March 2020), which code-scanning services read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import quote

import vmspec
from vmspec.base.code import Code
from vmspec.base.diagnostic import Diagnostic, Fix
from vmspec.base.json_text import Json
from vmspec.base.source import Span
from vmspec.report.location import SourceNames, locate, own_path

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"


def render(diagnostics: Sequence[Diagnostic], names: SourceNames = own_path) -> str:
    codes = sorted({d.code.number: d.code for d in diagnostics}.values(), key=lambda code: code.number)
    index = {code.number: at for at, code in enumerate(codes)}
    driver: dict[str, Json] = {"name": "vmspec", "semanticVersion": vmspec.__version__, "rules": [_rule(code) for code in codes]}
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(d, index[d.code.number], names) for d in diagnostics],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _id(code: Code) -> str:
    return f"{code.number:04d}"


def _rule(code: Code) -> Json:
    rule: dict[str, Json] = {"id": _id(code), "name": code.name}
    what = code.section("What")
    if what:
        rule["shortDescription"] = {"text": " ".join(what.split())}
    if code.page.strip():
        sections = [f"{name}: {text}" for name in ("What", "Why", "Instead") if (text := code.section(name))]
        rule["help"] = {"text": "\n\n".join(sections) or code.name}
    return rule


def _result(diagnostic: Diagnostic, index: int, names: SourceNames) -> Json:
    text = "\n".join([diagnostic.message, *diagnostic.notes, *([diagnostic.help] if diagnostic.help else [])])
    result: dict[str, Json] = {
        "ruleId": _id(diagnostic.code),
        "ruleIndex": index,
        "level": diagnostic.severity.value,
        "message": {"text": text},
        "locations": [] if diagnostic.primary is None else [{"physicalLocation": _physical(diagnostic.primary, names)}],
    }
    if diagnostic.labels:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _physical(label.span, names), "message": {"text": label.message}}
            for number, label in enumerate(diagnostic.labels, 1)
        ]
    if diagnostic.fix is not None:
        result["fixes"] = [_fix(diagnostic.fix, names)]
    return result


def _physical(span: Span, names: SourceNames) -> dict[str, Json]:
    return {"artifactLocation": {"uri": _uri(names(span.source))}, "region": _region(span, names)}


def _uri(path: str) -> str:
    """A relative reference; a first segment with a colon would read as a scheme (RFC 3986, 4.2), and quote() escapes it."""
    return quote(path, safe="/")


def _region(span: Span, names: SourceNames) -> dict[str, Json]:
    at = locate(span, names)
    return {"startLine": at.line, "startColumn": at.column, "endLine": at.end_line, "endColumn": at.end_column}


def _fix(fix: Fix, names: SourceNames) -> Json:
    changes: dict[str, list[Json]] = {}
    for edit in fix.edits:
        replacement: Json = {"deletedRegion": _region(edit.span, names), "insertedContent": {"text": edit.text}}
        changes.setdefault(_uri(names(edit.span.source)), []).append(replacement)
    return {
        "description": {"text": fix.title},
        "artifactChanges": [{"artifactLocation": {"uri": uri}, "replacements": replacements} for uri, replacements in changes.items()],
    }
