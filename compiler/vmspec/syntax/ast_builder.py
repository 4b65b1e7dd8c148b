"""Builds syntax nodes: one function for each rule of the grammar, called with the rule's children in order.

Children are tokens, nodes, None for an optional part that is absent, and after the fixed ones the members of a list.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias, cast

from vmspec.base.code import Code
from vmspec.base.diagnostic import Diagnostic, Edit, Fix
from vmspec.base.source import Source, Span
from vmspec.syntax import codes
from vmspec.syntax.scanner import Token, shown
from vmspec.syntax.tree import (
    Access,
    Argument,
    Assert,
    Bare,
    Binary,
    BinaryOperator,
    Block,
    Body,
    Bool,
    Call,
    Conditional,
    CpuList,
    Each,
    Entry,
    Expr,
    For,
    Import,
    Int,
    Let,
    ListOf,
    Lock,
    MapOf,
    Number,
    Param,
    Parent,
    Path,
    Profile,
    Ref,
    Require,
    Segment,
    Set,
    SetOperator,
    Statement,
    Text,
    Unary,
    UnaryOperator,
    Unset,
    When,
)

Children: TypeAlias = list[Any]
LONGEST_NUMBER = 40
NUMBER = re.compile(r"([0-9.]+)(.*)")
PART = re.compile(r"#[^\n]*|(\^?)\s*([0-9]+)(?:-([0-9]+))?")


class Builder:
    """The text being parsed, and the mistakes that the functions find in it."""

    __slots__ = ("diagnostics", "docs", "parse", "source", "text")

    def __init__(self, source: Source, docs: dict[int, str], parse: Callable[[int, int], Expr | None]) -> None:
        self.source = source
        self.text = source.text
        self.docs = docs
        self.parse = parse
        self.diagnostics: list[Diagnostic] = []

    def span(self, token: Token) -> Span:
        return Span(self.source, token[1], token[2])

    def word(self, token: Token) -> str:
        return self.text[token[1] : token[2]]

    def string(self, token: Token) -> Text:
        written = self.text[token[1] : token[2]]
        if written.isascii() and token[0] == "STRING" and written[0] == written[-1] == '"' and "\\" not in written and "${" not in written:
            return Text(Span(self.source, token[1], token[2]), (written[1:-1],) if len(written) > 2 else ())
        from vmspec.syntax import strings

        return strings.text(self.source, token[1], token[2], self.diagnostics, self.parse)

    def segment(self, token: Token) -> Segment:
        if token[0] == "STRING":
            text = self.string(token)
            return Segment(text.span, text.constant or "", text)
        return Segment(Span(self.source, token[1], token[2]), self.text[token[1] : token[2]])

    def variable(self, token: Token) -> Segment:
        return Segment(Span(self.source, token[1], token[2]), self.text[token[1] + 1 : token[2]])

    def opened(self, value: Expr, body: Body | None) -> Expr:
        """A value with the block after it, if there is one."""
        if body is None:
            return value
        from vmspec.syntax.opened import opened

        made, found = opened(value, body)
        self.diagnostics += found
        return made

    def report(self, code: Code, message: str, at: Span, fix: Fix | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, message, at, fix=fix))


# ------------------------------------------------------------------------------------------------ statements


def file(b: Builder, start: int, end: int, c: Children) -> tuple[Statement, ...]:
    return tuple(s for s in c if s is not None)


def body(b: Builder, start: int, end: int, c: Children) -> Body:
    return Body(Span(b.source, start, end), tuple([s for s in c if s is not None]))


def skipped(b: Builder, start: int, end: int, c: Children) -> None:
    return None


def import_(b: Builder, start: int, end: int, c: Children) -> Import:
    _, path, _, alias = c
    return Import(Span(b.source, start, end), b.string(path), b.segment(alias) if alias else None)


def let(b: Builder, start: int, end: int, c: Children) -> Let:
    return Let(Span(b.source, start, end), b.variable(c[1]), b.opened(c[3], c[4]), b.docs.get(start, ""))


def param(b: Builder, start: int, end: int, c: Children) -> Param:
    inner: Param = c[1]
    return Param(Span(b.source, start, end), inner.name, inner.type, inner.default, b.docs.get(start, ""))


def typed(b: Builder, start: int, end: int, c: Children) -> Param:
    name, kind, _, default = c
    return Param(Span(b.source, start, end), b.variable(name), kind, default, b.docs.get(start, ""))


def parameters(b: Builder, start: int, end: int, c: Children) -> tuple[Param, ...]:
    return tuple(c)


def profile(b: Builder, start: int, end: int, c: Children) -> Profile:
    abstract, _, name, params, parents, inside = c
    span = Span(b.source, start, end)
    return Profile(span, b.segment(name), abstract is not None, params or (), parents or (), inside, b.docs.get(start, ""))


def extends(b: Builder, start: int, end: int, c: Children) -> tuple[Parent, ...]:
    return tuple(c[1:])


def parent(b: Builder, start: int, end: int, c: Children) -> Parent:
    over, name, *arguments = c
    return Parent(Span(b.source, start, end), over is not None, name, tuple(arguments))


def set_(b: Builder, start: int, end: int, c: Children) -> Set:
    final, replace, where, operator, value, inside = c
    value = b.opened(value, inside)
    span = Span(b.source, start, end)
    if replace is not None:
        fix = Fix("remove replace", (Edit(Span(b.source, replace.start, where.span.start), ""),))
        b.report(codes.REPLACE_VALUE, f"`replace` takes a block, but `{shown(where.span.text)}` is a setting", b.span(replace), fix)
    return Set(span, where, cast(SetOperator, b.word(operator)), value, final is not None, replace is not None)


def block(b: Builder, start: int, end: int, c: Children) -> Block:
    final, replace, kind, name, parents, _, fits, inside = c
    doc = b.docs.get(start, "") if b.docs else ""
    return Block(Span(b.source, start, end), kind, name, parents or (), inside, final is not None, replace is not None, doc, fits)


def lock(b: Builder, start: int, end: int, c: Children) -> Lock:
    return Lock(Span(b.source, start, end), c[1], c[2])


def unset(b: Builder, start: int, end: int, c: Children) -> Unset:
    return Unset(Span(b.source, start, end), c[1], c[2])


def require(b: Builder, start: int, end: int, c: Children) -> Require:
    return Require(Span(b.source, start, end), c[1], c[2], b.string(c[3]))


def assert_(b: Builder, start: int, end: int, c: Children) -> Assert:
    message = c[2] if len(c) > 2 else None
    return Assert(Span(b.source, start, end), c[1], b.string(message) if message else None)


def each(b: Builder, start: int, end: int, c: Children) -> Each:
    return Each(Span(b.source, start, end), c[1], c[3])


def for_(b: Builder, start: int, end: int, c: Children) -> For:
    return For(Span(b.source, start, end), c[1], c[3], c[4])


def when(b: Builder, start: int, end: int, c: Children) -> When:
    return When(Span(b.source, start, end), c[1], c[2], c[4])


def names(b: Builder, start: int, end: int, c: Children) -> tuple[Segment, ...]:
    return tuple(map(b.variable, c))


def path(b: Builder, start: int, end: int, c: Children) -> Path:
    return Path(Span(b.source, start, end), tuple(map(b.segment, c)))


def label(b: Builder, start: int, end: int, c: Children) -> Segment:
    first = c[0]
    if first[0] == "STRING" and len(c) == 1:
        return b.segment(first)
    if first[0] == "RANGE":
        _part(b, b.text[start:end], first)
    if first[0] == "SKIPPED":
        return Segment(Span(b.source, start, end), "")
    return Segment(Span(b.source, start, end), ".".join(b.segment(t).name for t in c))


# ------------------------------------------------------------------------------------------------ expressions


def conditional(b: Builder, start: int, end: int, c: Children) -> Conditional:
    return Conditional(Span(b.source, start, end), c[1], c[3], c[5])


def binary(b: Builder, start: int, end: int, c: Children) -> Binary:
    left, operator, right = c
    return Binary(Span(b.source, start, end), cast(BinaryOperator, b.word(operator)), left, right)


def unary(b: Builder, start: int, end: int, c: Children) -> Unary:
    return Unary(Span(b.source, start, end), cast(UnaryOperator, b.word(c[0])), c[1])


def integer(b: Builder, start: int, end: int, c: Children) -> Int:
    token: Token = c[0]
    span = Span(b.source, start, end)
    if _too_long(b, span):
        return Int(span, 0)
    word = b.word(token)
    return Int(span, int(word, 16) if token[0] == "HEX" else int(word))


def _too_long(b: Builder, span: Span) -> bool:
    if span.end - span.start <= LONGEST_NUMBER:
        return False
    b.report(codes.NUMBER_TOO_LONG, f"a number of {span.end - span.start} characters, of which {LONGEST_NUMBER} are allowed", span)
    return True


def number(b: Builder, start: int, end: int, c: Children) -> Number:
    match = NUMBER.match(b.text, start, end)
    assert match is not None
    span = Span(b.source, start, end)
    return Number(span, "0" if _too_long(b, span) else match.group(1), match.group(2))


def cpus(b: Builder, start: int, end: int, c: Children) -> CpuList:
    token: Token = c[0]
    span = Span(b.source, start, end)
    if token[0] == "RANGE":
        return CpuList(span, (_part(b, b.word(token), token),))
    pieces = (m for m in PART.finditer(b.text, start, end) if m.group(2))
    return CpuList(span, tuple(_piece(b, m) for m in pieces))


def _piece(b: Builder, match: re.Match[str]) -> tuple[int, int, bool]:
    excluded = match.group(1) != ""
    digits = match.start(2)
    first, last, _ = _part(b, b.text[digits : match.end()], Token("RANGE", digits, match.end()))
    return first, last, excluded


def _part(b: Builder, written: str, at: Token) -> tuple[int, int, bool]:
    """Parse a part of a CPU list, `3` or `2-5`."""
    low, _, high = written.partition("-")
    if _too_long(b, b.span(at)):
        return 0, 0, False
    first, last = int(low), int(high or low)
    if last < first:
        fix = Fix(f"write {last}-{first}", (Edit(b.span(at), f"{last}-{first}"),))
        message = f"the range `{written}` descends; write `{last}-{first}`, or `{low} - {high}` to subtract"
        b.report(codes.DESCENDING_RANGE, message, b.span(at), fix)
        return last, first, False
    return first, last, False


def bare(b: Builder, start: int, end: int, c: Children) -> Bare:
    return Bare(Span(b.source, start, end), b.text[start:end])


def boolean(b: Builder, start: int, end: int, c: Children) -> Bool:
    return Bool(Span(b.source, start, end), c[0][0] == "TRUE")


def text(b: Builder, start: int, end: int, c: Children) -> Text:
    return b.string(c[0])


def ref(b: Builder, start: int, end: int, c: Children) -> Ref:
    return Ref(Span(b.source, start, end), tuple(map(b.segment, c)))


def call(b: Builder, start: int, end: int, c: Children) -> Call:
    return Call(Span(b.source, start, end), c[0], tuple(c[1:]))


def access(b: Builder, start: int, end: int, c: Children) -> Access:
    root: Token = c[0]
    is_self = root[0] == "SELF"
    steps = tuple(b.segment(s) if isinstance(s, Token) else s for s in c[1:])
    return Access(Span(b.source, start, end), "self" if is_self else b.text[root[1] + 1 : root[2]], is_self, steps)


def argument(b: Builder, start: int, end: int, c: Children) -> Argument:
    name, _, value = c
    span = Span(b.source, start, end)
    return Argument(span, b.word(name), b.span(name), value) if name else Argument(span, None, None, value)


def list_(b: Builder, start: int, end: int, c: Children) -> ListOf:
    return ListOf(Span(b.source, start, end), tuple(c))


def map_(b: Builder, start: int, end: int, c: Children) -> MapOf:
    return MapOf(Span(b.source, start, end), tuple([e for e in c if isinstance(e, Entry)]))


def entry(b: Builder, start: int, end: int, c: Children) -> Entry:
    return Entry(Span(b.source, start, end), c[0], b.opened(c[2], c[3]))


ACTIONS: dict[str, Callable[[Builder, int, int, Children], Any]] = {
    f.__name__ if f.__name__ not in ("set_", "list_", "map_") else f.__name__[:-1]: f
    for f in (
        file, body, skipped, import_, let, param, typed, parameters, profile, extends, parent, set_, block, lock, unset, require,
        assert_, each, for_, when, names, path, label, conditional, binary, unary, integer, number, cpus, bare, boolean, text, ref,
        call, access, argument, list_, map_, entry,
    )
}  # fmt: skip
"""By the rule's name in the grammar."""
