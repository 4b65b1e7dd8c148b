"""Recognises files in XML, JSON or YAML, and heredocs, and reports each once."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmspec.base.diagnostic import Diagnostic, Edit, Fix
from vmspec.base.source import Source, Span
from vmspec.syntax import codes
from vmspec.syntax.scanner import Scan, Token

XML = re.compile(r"<(?:\?xml|!--|!DOCTYPE|[A-Za-z][\w:-]*)")
JSON = re.compile(r"[{\[]")
YAML = re.compile(r"(?:---[ \t\r]*\n|%YAML|- +[\w\"'-]+ *:|[\w\"'-]+ *:[ \t\r]*\n[ \t]*(?:- |[\w\"'-]+ *:[ \t\r\n]))")
"""Only what begins no statement of ours, and is more than a colon in place of `=`."""
HEREDOC = re.compile(r"<<[-~]?[ \t]*([\"']?)([A-Za-z_]\w*)\1[ \t\r]*\n(.*?)^[ \t]*\2(?=[ \t\r]*$)", re.MULTILINE | re.DOTALL)
IMPORTED = "`vmc import FILE.xml -o DIR` makes a program of a domain that libvirt has"
SAMPLE = "vm NAME { cpu.count = 2; memory.size = 4GiB; disk vda { … } }"


def other_language(source: Source, tokens: list[Token]) -> Diagnostic | None:
    """Report a file in XML, JSON or YAML, recognised by its first tokens."""
    if not tokens:
        return None
    first = next((t for t in tokens if t.kind not in ("NEWLINE", "SEMI")), tokens[0])
    for name, pattern in (("XML", XML), ("JSON", JSON), ("YAML", YAML)):
        found = pattern.match(source.text, first.start)
        if found is not None:
            help_ = IMPORTED if name == "XML" else f"a machine is written `{SAMPLE}`"
            at = Span(source, first.start, first.start + len(found[0].split("\n")[0].rstrip()))
            return Diagnostic(codes.UNEXPECTED, f"this file is {name}, not a program of vmspec", at, help=help_)
    return None


def without_heredocs(source: Source, found: Scan) -> Scan:
    """Replace each `<<EOF … EOF` by one token and report it; drop diagnostics about the words in it."""
    if "<<" not in source.text:
        return found
    tokens: list[Token] = []
    texts: list[Span] = []
    diagnostics: list[Diagnostic] = []
    for token in found.tokens:
        if texts and token.start < texts[-1].end:
            continue
        text = HEREDOC.match(source.text, token.start) if token.kind == "CMP" else None
        if text is None:
            tokens.append(token)
            continue
        tokens.append(Token("TRUE", token.start, text.end()))
        texts.append(Span(source, token.start, text.end()))
        diagnostics.append(_heredoc(source, text))
    kept = [d for d in found.diagnostics if not any(d.primary and t.start <= d.primary.start < t.end for t in texts)]
    return Scan(tokens, found.comments, [*kept, *diagnostics])


def _heredoc(source: Source, text: re.Match[str]) -> Diagnostic:
    opened, ended = Span(source, text.start(), text.start(3)), Span(source, text.end(3), text.end())
    opening = Span(source, opened.start, opened.start + len(opened.text.rstrip()))
    plain = not any(sign in text[3] for sign in ('"""', "\\", "${"))
    fix = Fix('write """', tuple(_quotes(opening, ended))) if plain else None
    return Diagnostic(codes.UNEXPECTED, 'a text of several lines stands between `"""` and `"""`', opening, fix=fix)


def _quotes(opening: Span, ended: Span) -> Iterator[Edit]:
    yield Edit(opening, '"""')
    indented = len(ended.text) - len(ended.text.lstrip())
    yield Edit(Span(ended.source, ended.start + indented, ended.end), '"""')
