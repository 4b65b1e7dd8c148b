"""Splits text into raw tokens by one regular expression; what it cannot settle goes to lexer_errors.py."""

from __future__ import annotations

from typing import NamedTuple

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.source import Source
from vmspec.syntax.tables import tables


class Token(NamedTuple):
    """A terminal of the grammar and its offsets; its text is a slice of the source."""

    kind: str
    start: int
    end: int


class Scan(NamedTuple):
    """What stands in a range of text: tokens (with NEWLINE and SEMI), comments, and what is no token at all."""

    tokens: list[Token]
    comments: list[Token]
    diagnostics: list[Diagnostic]


def shown(text: str) -> str:
    """Source text as a message quotes it: on one line, shortened, printable."""
    line = " ".join(text.split())
    return "".join(c if c.isprintable() else "·" for c in (line if len(line) <= 40 else f"{line[:40]}…"))


# What is scanned on but needs a second look.
ODD = frozenset({"COMMENT", "QUOTE", "WORD", "OTHER", "FLOAT", "DOLLAR_BRACE"})


def scan(source: Source, start: int = 0, end: int | None = None) -> Scan:
    text = source.text
    stop = len(text) if end is None else end
    found = Scan([], [], [])
    tokens = found.tokens
    at: int | None = start
    pattern = tables().scanner
    while at is not None:
        begin, at = at, None
        for match in pattern.finditer(text, begin, stop):
            kind = match.lastgroup
            assert kind is not None
            token = Token(kind, match.start(kind), match.end())
            if kind not in ODD:
                tokens.append(token)
            elif kind == "COMMENT":
                found.comments.append(token)
            elif kind == "FLOAT":
                tokens.extend(_float(text, token, tokens))
            else:
                from vmspec.syntax.lexer_errors import odd

                at = odd(source, token, stop, found)
                if at is not None:
                    break
    return found


def _float(text: str, token: Token, before: list[Token]) -> list[Token]:
    """`0.1` after a dot is two steps of a path."""
    if not before or before[-1].kind != "DOT":
        return [token]
    dot = text.index(".", token.start)
    return [Token("INT", token.start, dot), Token("DOT", dot, dot + 1), Token("INT", dot + 1, token.end)]
