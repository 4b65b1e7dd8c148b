"""Error recovery: parses a file with syntax errors again, reports each mistake, and continues after it.

A known mistake is mended as its fix would and the statement read again. From any other the parser goes on at the next end of a
statement, or in the body of the block whose header it could not read. One mistake a statement is reported.
"""

from __future__ import annotations

from bisect import bisect_left

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.record import field, record
from vmspec.base.source import Source
from vmspec.syntax import codes, tree
from vmspec.syntax.ast_builder import ACTIONS, Builder
from vmspec.syntax.brackets import balance
from vmspec.syntax.elsewhere import other_language, without_heredocs
from vmspec.syntax.error_messages import ErrorContext, Mistake, mistake, unexpected
from vmspec.syntax.lalr_driver import Automaton
from vmspec.syntax.lexer import CLOSERS, ENDS, OPENERS, arrange, end_of
from vmspec.syntax.scanner import Scan, Token

MOST_MISTAKES = 500
"""Parsing stops after so many mistakes."""


@record(slots=True)
class Recovery:
    source: Source
    automaton: Automaton
    raw: list[Token]
    tokens: list[Token]
    known: list[int]
    """The offsets of mistakes that were found before parsing, in order; a statement with one in it needs no second."""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    mended: set[tuple[int, str]] = field(default_factory=set)
    """Offset and code of each correction, so that none is tried twice."""


def recover(source: Source, found: Scan, builder: Builder) -> tuple[tuple[tree.Statement, ...], list[Diagnostic]]:
    """Parse what can be parsed of a file with syntax errors, and report every mistake."""
    foreign = other_language(source, found.tokens)
    if foreign is not None:
        return (), [foreign]
    found = without_heredocs(source, found)
    raw, unbalanced = balance(source, found.tokens)
    tokens = arrange(source.text, raw)
    tokens.append(end_of(tokens))
    before = found.diagnostics + _not_swallowed(unbalanced, found.diagnostics)
    known = sorted(d.primary.start for d in found.diagnostics + unbalanced if d.primary is not None)
    r = Recovery(source, Automaton("file", builder, ACTIONS), raw, tokens, known)
    at, mistakes = r.automaton.run(r.tokens), 0
    while at < len(r.tokens) and mistakes < MOST_MISTAKES:
        at = r.automaton.run(r.tokens, _mend(r, at))
        mistakes += 1
    whole = at >= len(r.tokens)
    statements: tuple[tree.Statement, ...] = r.automaton.values[0] if whole else ()
    return statements, before + r.diagnostics + builder.diagnostics


def in_interpolation(source: Source, automaton: Automaton, tokens: list[Token], at: int) -> Diagnostic:
    """Report what is wrong with an expression inside `${ }`."""
    return unexpected(ErrorContext(source, automaton, tokens, 0, at, "the `}`"))


def _not_swallowed(unbalanced: list[Diagnostic], scanned: list[Diagnostic]) -> list[Diagnostic]:
    """Drop the closers inside an unterminated text block, which would be reported a second time."""
    blocks = [d.primary.start for d in scanned if d.code is codes.UNTERMINATED_STRING and d.primary and d.primary.text == '"""']
    return [d for d in unbalanced if not any(o.span.start < b <= (d.primary or o.span).start for b in blocks for o in d.labels)]


# ------------------------------------------------------------------------------------------------ one mistake


def _mend(r: Recovery, at: int) -> int:
    """Report the mistake at tokens[at] and put the parser into a state to continue; returns the next index."""
    base = _base(r.automaton)
    first = _first(r, base, at)
    place = ErrorContext(r.source, r.automaton, r.tokens, first, at)
    found = mistake(place)
    start = r.tokens[first].start
    end = len(r.source.text) if r.tokens[at].kind == "$END" else max(r.tokens[at].end, start)
    index = bisect_left(r.known, start)
    if index == len(r.known) or r.known[index] > end:
        r.diagnostics.append(found.diagnostic)
    key = (r.tokens[at].start, found.diagnostic.code.name)
    if found.insert_at is None or key in r.mended:
        return _skip(r, base, at)
    r.mended.add(key)
    _insert(r, found)
    r.automaton.drop_to(base)
    return first


def _base(automaton: Automaton) -> int:
    """The number of values below the current statement."""
    values = automaton.values
    for index in range(len(values) - 1, -1, -1):
        value = values[index]
        if isinstance(value, Token) and value.kind in ("_SEP", "LBRACE"):
            return index + 1
    return 0


def _first(r: Recovery, base: int, at: int) -> int:
    """The index of the token with which the statement begins."""
    begins = r.automaton.begins
    if base >= len(begins):
        return at
    start, first = begins[base], at
    while first and r.tokens[first - 1].start >= start and r.tokens[first - 1].kind != "_SEP":
        first -= 1
    return first


def _insert(r: Recovery, found: Mistake) -> None:
    """Insert tokens, and lex the rest of the statement again where they change the meaning of its words."""
    at = found.insert_at
    assert at is not None
    replaced = r.tokens[at : at + found.drop]
    start, end = (replaced[0].start, replaced[-1].end) if replaced else (r.tokens[at].start,) * 2
    rest = at + found.drop
    if found.relex is not None:
        stop = _end_of_statement(r.tokens, rest, 0)
        low = bisect_left(r.raw, r.tokens[rest].start, key=lambda t: t.start)
        high = bisect_left(r.raw, r.tokens[stop].start, lo=low, key=lambda t: t.start)
        if stop < len(r.tokens) - 1 or r.tokens[stop].kind != "$END":
            r.tokens[rest:stop] = arrange(r.source.text, r.raw[low:high], found.relex)
        else:
            r.tokens[rest:stop] = arrange(r.source.text, r.raw[low:], found.relex)
    r.tokens[at:rest] = [Token(kind, start, end) for kind in found.insert]


def _end_of_statement(tokens: list[Token], at: int, depth: int) -> int:
    """The index of the separator, or of the `}` or end of file, that ends the statement."""
    for index in range(at, len(tokens)):
        kind = tokens[index].kind
        if kind in OPENERS:
            depth += 1
        elif kind in CLOSERS:
            depth -= 1
            if depth < 0:
                return index
        elif kind == "$END" or (kind == "_SEP" and depth == 0):
            return index
    return len(tokens) - 1


def _skip(r: Recovery, base: int, at: int) -> int:
    """Discard the statement, and continue at its end or in its body."""
    automaton, tokens = r.automaton, r.tokens
    depth = sum(1 for v in automaton.values[base:] if isinstance(v, Token) and v.kind in ("LPAR", "LSQB"))
    automaton.drop_to(base)
    automaton.run([Token("SKIPPED", tokens[at].start, tokens[at].start)])
    has_bodies = automaton.accepts("LBRACE")
    index = at
    while index < len(tokens):
        kind = tokens[index].kind
        if kind == "LBRACE" and depth == 0 and has_bodies and (index == 0 or tokens[index - 1].kind in ENDS | {"ELSE"}):
            return index
        if kind in OPENERS:
            depth += 1
        elif kind in CLOSERS:
            depth -= 1
        if depth < 0 or kind == "$END" or (kind == "_SEP" and depth == 0):
            return index
        index += 1
    return index
