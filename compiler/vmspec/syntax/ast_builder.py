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
from vmspec.syntax import codes, tree
from vmspec.syntax.scanner import Token, shown

Children: TypeAlias = list[Any]
LONGEST_NUMBER = 40
NUMBER = re.compile(r"([0-9.]+)(.*)")
PART = re.compile(r"#[^\n]*|(\^?)\s*([0-9]+)(?:-([0-9]+))?")


class Builder:
    """The text being parsed, and the mistakes that the functions find in it."""

    __slots__ = ("diagnostics", "docs", "parse", "source", "text")

    def __init__(self, source: Source, docs: dict[int, str], parse: Callable[[int, int], tree.Expr | None]) -> None:
        self.source = source
        self.text = source.text
        self.docs = docs
        self.parse = parse
        self.diagnostics: list[Diagnostic] = []

    def span(self, token: Token) -> Span:
        return Span(self.source, token[1], token[2])

    def word(self, token: Token) -> str:
        return self.text[token[1] : token[2]]

    def string(self, token: Token) -> tree.Text:
        written = self.text[token[1] : token[2]]
        if written.isascii() and token[0] == "STRING" and written[0] == written[-1] == '"' and "\\" not in written and "${" not in written:
            return tree.Text(Span(self.source, token[1], token[2]), (written[1:-1],) if len(written) > 2 else ())
        from vmspec.syntax import strings

        return strings.text(self.source, token[1], token[2], self.diagnostics, self.parse)

    def segment(self, token: Token) -> tree.Segment:
        if token[0] == "STRING":
            text = self.string(token)
            return tree.Segment(text.span, text.constant or "", text)
        return tree.Segment(Span(self.source, token[1], token[2]), self.text[token[1] : token[2]])

    def variable(self, token: Token) -> tree.Segment:
        return tree.Segment(Span(self.source, token[1], token[2]), self.text[token[1] + 1 : token[2]])

    def opened(self, value: tree.Expr, body: tree.Body | None) -> tree.Expr:
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


def file(b: Builder, start: int, end: int, c: Children) -> tuple[tree.Statement, ...]:
    return tuple(s for s in c if s is not None)


def body(b: Builder, start: int, end: int, c: Children) -> tree.Body:
    return tree.Body(Span(b.source, start, end), tuple([s for s in c if s is not None]))


def skipped(b: Builder, start: int, end: int, c: Children) -> None:
    return None


def import_(b: Builder, start: int, end: int, c: Children) -> tree.Import:
    _, path, _, alias = c
    return tree.Import(Span(b.source, start, end), b.string(path), b.segment(alias) if alias else None)


def let(b: Builder, start: int, end: int, c: Children) -> tree.Let:
    return tree.Let(Span(b.source, start, end), b.variable(c[1]), b.opened(c[3], c[4]), b.docs.get(start, ""))


def param(b: Builder, start: int, end: int, c: Children) -> tree.Param:
    inner: tree.Param = c[1]
    return tree.Param(Span(b.source, start, end), inner.name, inner.type, inner.default, b.docs.get(start, ""))


def typed(b: Builder, start: int, end: int, c: Children) -> tree.Param:
    name, kind, _, default = c
    return tree.Param(Span(b.source, start, end), b.variable(name), kind, default, b.docs.get(start, ""))


def parameters(b: Builder, start: int, end: int, c: Children) -> tuple[tree.Param, ...]:
    return tuple(c)


def profile(b: Builder, start: int, end: int, c: Children) -> tree.Profile:
    abstract, _, name, params, parents, inside = c
    span = Span(b.source, start, end)
    return tree.Profile(span, b.segment(name), abstract is not None, params or (), parents or (), inside, b.docs.get(start, ""))


def extends(b: Builder, start: int, end: int, c: Children) -> tuple[tree.Parent, ...]:
    return tuple(c[1:])


def parent(b: Builder, start: int, end: int, c: Children) -> tree.Parent:
    over, name, *arguments = c
    return tree.Parent(Span(b.source, start, end), over is not None, name, tuple(arguments))


def set_(b: Builder, start: int, end: int, c: Children) -> tree.Set:
    final, replace, where, operator, value, inside = c
    value = b.opened(value, inside)
    span = Span(b.source, start, end)
    if replace is not None:
        fix = Fix("remove replace", (Edit(Span(b.source, replace.start, where.span.start), ""),))
        b.report(codes.REPLACE_VALUE, f"`replace` takes a block, but `{shown(where.span.text)}` is a setting", b.span(replace), fix)
    return tree.Set(span, where, cast(tree.SetOperator, b.word(operator)), value, final is not None, replace is not None)


def block(b: Builder, start: int, end: int, c: Children) -> tree.Block:
    final, replace, kind, name, parents, _, fits, inside = c
    doc = b.docs.get(start, "") if b.docs else ""
    return tree.Block(Span(b.source, start, end), kind, name, parents or (), inside, final is not None, replace is not None, doc, fits)


def lock(b: Builder, start: int, end: int, c: Children) -> tree.Lock:
    return tree.Lock(Span(b.source, start, end), c[1], c[2])


def unset(b: Builder, start: int, end: int, c: Children) -> tree.Unset:
    return tree.Unset(Span(b.source, start, end), c[1], c[2])


def require(b: Builder, start: int, end: int, c: Children) -> tree.Require:
    return tree.Require(Span(b.source, start, end), c[1], c[2], b.string(c[3]))


def assert_(b: Builder, start: int, end: int, c: Children) -> tree.Assert:
    message = c[2] if len(c) > 2 else None
    return tree.Assert(Span(b.source, start, end), c[1], b.string(message) if message else None)


def each(b: Builder, start: int, end: int, c: Children) -> tree.Each:
    return tree.Each(Span(b.source, start, end), c[1], c[3])


def for_(b: Builder, start: int, end: int, c: Children) -> tree.For:
    return tree.For(Span(b.source, start, end), c[1], c[3], c[4])


def when(b: Builder, start: int, end: int, c: Children) -> tree.When:
    return tree.When(Span(b.source, start, end), c[1], c[2], c[4])


def names(b: Builder, start: int, end: int, c: Children) -> tuple[tree.Segment, ...]:
    return tuple(map(b.variable, c))


def path(b: Builder, start: int, end: int, c: Children) -> tree.Path:
    return tree.Path(Span(b.source, start, end), tuple(map(b.segment, c)))


def label(b: Builder, start: int, end: int, c: Children) -> tree.Segment:
    first = c[0]
    if first[0] == "STRING" and len(c) == 1:
        return b.segment(first)
    if first[0] == "RANGE":
        _part(b, b.text[start:end], first)
    if first[0] == "SKIPPED":
        return tree.Segment(Span(b.source, start, end), "")
    return tree.Segment(Span(b.source, start, end), ".".join(b.segment(t).name for t in c))


# ------------------------------------------------------------------------------------------------ expressions


def conditional(b: Builder, start: int, end: int, c: Children) -> tree.Conditional:
    return tree.Conditional(Span(b.source, start, end), c[1], c[3], c[5])


def binary(b: Builder, start: int, end: int, c: Children) -> tree.Binary:
    left, operator, right = c
    return tree.Binary(Span(b.source, start, end), cast(tree.BinaryOperator, b.word(operator)), left, right)


def unary(b: Builder, start: int, end: int, c: Children) -> tree.Unary:
    return tree.Unary(Span(b.source, start, end), cast(tree.UnaryOperator, b.word(c[0])), c[1])


def integer(b: Builder, start: int, end: int, c: Children) -> tree.Int:
    token: Token = c[0]
    span = Span(b.source, start, end)
    if _too_long(b, span):
        return tree.Int(span, 0)
    word = b.word(token)
    return tree.Int(span, int(word, 16) if token[0] == "HEX" else int(word))


def _too_long(b: Builder, span: Span) -> bool:
    if span.end - span.start <= LONGEST_NUMBER:
        return False
    b.report(codes.NUMBER_TOO_LONG, f"a number of {span.end - span.start} characters, of which {LONGEST_NUMBER} are allowed", span)
    return True


def number(b: Builder, start: int, end: int, c: Children) -> tree.Number:
    match = NUMBER.match(b.text, start, end)
    assert match is not None
    span = Span(b.source, start, end)
    return tree.Number(span, "0" if _too_long(b, span) else match.group(1), match.group(2))


def cpus(b: Builder, start: int, end: int, c: Children) -> tree.CpuList:
    token: Token = c[0]
    span = Span(b.source, start, end)
    if token[0] == "RANGE":
        return tree.CpuList(span, (_part(b, b.word(token), token),))
    pieces = (m for m in PART.finditer(b.text, start, end) if m.group(2))
    return tree.CpuList(span, tuple(_piece(b, m) for m in pieces))


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


def bare(b: Builder, start: int, end: int, c: Children) -> tree.Bare:
    return tree.Bare(Span(b.source, start, end), b.text[start:end])


def boolean(b: Builder, start: int, end: int, c: Children) -> tree.Bool:
    return tree.Bool(Span(b.source, start, end), c[0][0] == "TRUE")


def text(b: Builder, start: int, end: int, c: Children) -> tree.Text:
    return b.string(c[0])


def ref(b: Builder, start: int, end: int, c: Children) -> tree.Ref:
    return tree.Ref(Span(b.source, start, end), tuple(map(b.segment, c)))


def call(b: Builder, start: int, end: int, c: Children) -> tree.Call:
    return tree.Call(Span(b.source, start, end), c[0], tuple(c[1:]))


def access(b: Builder, start: int, end: int, c: Children) -> tree.Access:
    root: Token = c[0]
    is_self = root[0] == "SELF"
    steps = tuple(b.segment(s) if isinstance(s, Token) else s for s in c[1:])
    return tree.Access(Span(b.source, start, end), "self" if is_self else b.text[root[1] + 1 : root[2]], is_self, steps)


def argument(b: Builder, start: int, end: int, c: Children) -> tree.Argument:
    name, _, value = c
    span = Span(b.source, start, end)
    return tree.Argument(span, b.word(name), b.span(name), value) if name else tree.Argument(span, None, None, value)


def list_(b: Builder, start: int, end: int, c: Children) -> tree.ListOf:
    return tree.ListOf(Span(b.source, start, end), tuple(c))


def map_(b: Builder, start: int, end: int, c: Children) -> tree.MapOf:
    return tree.MapOf(Span(b.source, start, end), tuple([e for e in c if isinstance(e, tree.Entry)]))


def entry(b: Builder, start: int, end: int, c: Children) -> tree.Entry:
    return tree.Entry(Span(b.source, start, end), c[0], b.opened(c[2], c[3]))


ACTIONS: dict[str, Callable[[Builder, int, int, Children], Any]] = {
    f.__name__ if f.__name__ not in ("set_", "list_", "map_") else f.__name__[:-1]: f
    for f in (
        file, body, skipped, import_, let, param, typed, parameters, profile, extends, parent, set_, block, lock, unset, require,
        assert_, each, for_, when, names, path, label, conditional, binary, unary, integer, number, cpus, bare, boolean, text, ref,
        call, access, argument, list_, map_, entry,
    )
}  # fmt: skip
"""The functions by the name of their rule in the grammar."""
