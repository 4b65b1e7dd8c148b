"""After a syntax error: what is said of it, and how reading goes on."""

from __future__ import annotations

from collections.abc import Callable

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.source import Source, Span
from vmspec.syntax import codes
from vmspec.syntax.automaton import Automaton
from vmspec.syntax.build import ACTIONS, Builder
from vmspec.syntax.lexer import arrange
from vmspec.syntax.scanner import Scan, Token
from vmspec.syntax.tree import Statement


def recover(source: Source, found: Scan, builder: Callable[[], Builder]) -> tuple[tuple[Statement, ...], list[Diagnostic]]:
    tokens = arrange(source.text, found.tokens)
    tokens.append(Token("$END", len(source.text), len(source.text)))
    b = builder()
    automaton = Automaton("file", b, ACTIONS)
    at = automaton.run(tokens)
    return (), found.diagnostics + b.diagnostics + [in_interpolation(source, automaton, tokens, at)]


def in_interpolation(source: Source, automaton: Automaton, tokens: list[Token], at: int) -> Diagnostic:
    token = tokens[at]
    return Diagnostic(codes.UNEXPECTED, f"`{source.text[token.start:token.end]}` is not expected here", Span(source, token.start, token.end))
