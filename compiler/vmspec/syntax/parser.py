"""Parses a source text into a syntax tree; it never raises, whatever the text."""

from __future__ import annotations

import re

from vmspec.base.diagnostic import Diagnostic, in_source_order
from vmspec.base.source import Source, Span
from vmspec.syntax import codes, tree
from vmspec.syntax.ast_builder import ACTIONS, Builder
from vmspec.syntax.docs import docs
from vmspec.syntax.lalr_driver import Automaton
from vmspec.syntax.lexer import DEPTH, EXPRESSION, arrange, end_of, too_deep
from vmspec.syntax.scanner import Scan, Token, scan

NO_TEXT = re.compile("[\0\ud800-\udfff]")
MOST_DIAGNOSTICS = 100
INTERPOLATIONS = 10
"""The deepest nesting of strings with `${ }` in one another."""


def parse(source: Source) -> tree.File:
    refused = _not_text(source)
    if refused is not None:
        return tree.File(source, (), (), (refused,), "")
    found = scan(source, 1 if source.text.startswith("\ufeff") else 0)
    comments = tuple(_comment(source, c) for c in found.comments)
    doc, by_start = docs(source.text, found.comments)
    statements, diagnostics = _statements(source, found, by_start)
    return tree.File(source, statements, comments, in_source_order(diagnostics)[:MOST_DIAGNOSTICS], doc)


def _not_text(source: Source) -> Diagnostic | None:
    """Bytes that are no UTF-8 arrive as lone surrogates (`errors="surrogateescape"`)."""
    strange = NO_TEXT.search(source.text)
    if strange is None:
        return None
    what = "a NUL" if strange.group() == "\0" else "a byte that is no UTF-8"
    return Diagnostic(codes.NOT_TEXT, f"this file is not text: it holds {what}", Span(source, *strange.span()))


def _comment(source: Source, token: Token) -> tree.Comment:
    span = Span(source, token.start, token.end)
    text = span.text.rstrip("\r")
    return tree.Comment(Span(source, token.start, token.start + len(text)), text)


def _statements(source: Source, found: Scan, by_start: dict[int, str]) -> tuple[tuple[tree.Statement, ...], list[Diagnostic]]:
    tokens = arrange(source.text, found.tokens)
    deep = too_deep(tokens)
    if deep is not None:
        return (), [*found.diagnostics, _too_deep(source, deep)]
    builder = _builder(source, by_start, 0)
    automaton = Automaton("file", builder, ACTIONS)
    tokens.append(end_of(tokens))
    if automaton.run(tokens) == len(tokens):
        statements: tuple[tree.Statement, ...] = automaton.values[0]
        return statements, found.diagnostics + builder.diagnostics
    from vmspec.syntax.recovery import recover

    return recover(source, found, _builder(source, by_start, 0))


def _too_deep(source: Source, token: Token) -> Diagnostic:
    return Diagnostic(codes.TOO_DEEP, f"this is nested more than {DEPTH} levels deep", Span(source, token.start, token.end))


def _builder(source: Source, by_start: dict[int, str], level: int) -> Builder:
    builder: Builder = Builder(source, by_start, lambda start, end: _interpolation(builder, start, end, level + 1))
    return builder


def _interpolation(outer: Builder, start: int, end: int, level: int) -> tree.Expr | None:
    """The expression between two offsets; what is wrong with it goes to the outer builder."""
    source = outer.source
    if level > INTERPOLATIONS:
        message = f"strings are nested more than {INTERPOLATIONS} levels deep in `${{ }}`"
        outer.diagnostics.append(Diagnostic(codes.TOO_DEEP, message, Span(source, start, end)))
        return None
    found = scan(source, start, end)
    tokens = arrange(source.text, [t for t in found.tokens if t.kind != "NEWLINE"], EXPRESSION)
    outer.diagnostics += found.diagnostics
    deep = too_deep(tokens)
    if deep is not None:
        outer.diagnostics.append(_too_deep(source, deep))
        return None
    builder = _builder(source, {}, level)
    automaton = Automaton("interpolation", builder, ACTIONS)
    tokens.append(end_of(tokens))
    at = automaton.run(tokens)
    outer.diagnostics += builder.diagnostics
    if at == len(tokens):
        value: tree.Expr = automaton.values[0]
        return value
    if not found.diagnostics:
        from vmspec.syntax.recovery import in_interpolation

        outer.diagnostics.append(in_interpolation(source, automaton, tokens, at))
    return None
