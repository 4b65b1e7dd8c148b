"""From the text of a string to its value: escapes, `${ }`, and the indentation of `\"\"\"` blocks.

Escapes are `\\n`, `\\t`, `\\r`, `\\"`, `\\\\`, `\\$` and `\\u{1F600}`. A `$` that is not followed by `{` stands for itself.

A `\"\"\"` block whose first line is empty begins on the next. The indentation that all its lines share, that of a closing
`\"\"\"` on its own line included and blank lines not, is removed. A line end directly before the closing quotes is part of the
value. Line ends are `\\n` in the value, however they are written. What is interpolated is never re-indented.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from os.path import commonprefix
from typing import TypeAlias

from vmspec.base.diagnostic import Diagnostic, Edit, Fix
from vmspec.base.source import Source, Span
from vmspec.syntax import codes, tree
from vmspec.syntax.lexer_errors import string_end

ParseExpression: TypeAlias = Callable[[int, int], tree.Expr | None]
"""The expression between two offsets; None after a diagnostic."""

ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "$": "$"}
SPECIAL = re.compile(r"\\(?:u\{(?P<hex>[0-9A-Fa-f]{1,6})\}|(?P<one>[\s\S]))|(?P<open>\$\{)")
LONE_NAME = re.compile(r"\$\{[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*\}")
BLOCK_END = re.compile(r'[^"}{]+')


def text(source: Source, start: int, end: int, diagnostics: list[Diagnostic], parse: ParseExpression) -> tree.Text:
    span = Span(source, start, end)
    raw = source.text
    if raw.startswith('"""', start):
        closed = end - start >= 6 and raw.endswith('"""', start, end)
        return _block(span, start + 3, end - 3 if closed else end, diagnostics, parse)
    inner, stop = start + 1, end - 1 if end - start > 1 and raw[end - 1] in CLOSING else end
    return tree.Text(span, _parts(source, inner, stop, None, diagnostics, parse))


CLOSING = "\"”‟«»″＂‘’'`"


def _block(span: Span, start: int, end: int, diagnostics: list[Diagnostic], parse: ParseExpression) -> tree.Text:
    raw = span.source.text
    first = re.compile(r"[ \t]*\r?\n").match(raw, start, end)
    own_line = first is not None
    if first is not None:
        start = first.end()
    indent = _indentation(span.source, start, end, own_line)
    if own_line and raw.startswith(indent, start, end):
        start += len(indent)
    return tree.Text(span, _parts(span.source, min(start, end), end, indent, diagnostics, parse))


def _indentation(source: Source, start: int, end: int, with_first: bool) -> str:
    """The blanks that all lines share; the lines inside a `${ }` are none of the block's."""
    skeleton, at = [], start
    for match in SPECIAL.finditer(source.text, start, end):
        if match.group("open") and match.start() >= at:
            close = interpolation_end(source.text, match.start(), end)
            if close is None:
                break
            skeleton.append(source.text[at : match.start()] + "x")
            at = close
    skeleton.append(source.text[at:end])
    lines = "".join(skeleton).split("\n")
    considered = lines if with_first else lines[1:]
    last = considered[-1:] if len(lines) > 1 or with_first else []
    filled = [line for line in considered if line.strip()]
    blanks = [line[: len(line) - len(line.lstrip(" \t"))] for line in filled]
    if last and not last[0].strip():
        blanks.append(last[0])
    return commonprefix(blanks) if blanks else ""  # noqa: RUF071 (characters are what is compared)


def interpolation_end(raw: str, start: int, end: int) -> int | None:
    """The offset behind the `}` of the `${` at `start`; None if it is missing."""
    at, depth = start + 2, 1
    while at < end:
        skipped = BLOCK_END.match(raw, at, end)
        if skipped:
            at = skipped.end()
            continue
        char = raw[at]
        if char == '"':
            closed = string_end(raw, at, end)
            if closed is None:
                return None
            at = closed
            continue
        at += 1
        depth += 1 if char == "{" else -1
        if depth == 0:
            return at
    return None


def _parts(
    source: Source, start: int, end: int, indent: str | None, diagnostics: list[Diagnostic], parse: ParseExpression
) -> tuple[str | tree.Expr, ...]:
    raw = source.text
    parts: list[str | tree.Expr] = []
    constant: list[str] = []
    at = start
    while (match := SPECIAL.search(raw, at, end)) is not None:
        constant.append(_dedented(raw[at : match.start()], indent))
        at = match.end()
        if match.group("open"):
            at, value = _interpolated(source, match.start(), end, diagnostics, parse)
            if value is not None:
                if any(constant):
                    parts.append("".join(constant))
                constant = []
                parts.append(value)
        else:
            constant.append(_escaped(source, match, diagnostics))
    constant.append(_dedented(raw[at:end], indent))
    if any(constant):
        parts.append("".join(constant))
    return tuple(parts)


def _dedented(constant: str, indent: str | None) -> str:
    if indent is None:
        return constant
    head, *lines = constant.replace("\r\n", "\n").split("\n")
    return "\n".join([head, *(line[len(indent) :] if line.startswith(indent) else line.lstrip(" \t") for line in lines)])


def _escaped(source: Source, match: re.Match[str], diagnostics: list[Diagnostic]) -> str:
    digits, one = match.group("hex"), match.group("one")
    if digits is not None:
        number = int(digits, 16)
        if number and number < 0x110000 and not 0xD800 <= number < 0xE000:
            return chr(number)
    elif one in ESCAPES:
        return ESCAPES[one]
    at = Span(source, match.start(), match.end())
    fix = Fix("write two backslashes", (Edit(Span(source, at.start, at.start), "\\"),))
    shown = at.text if at.text.isprintable() else "\\ at the end of a line"
    diagnostics.append(Diagnostic(codes.BAD_ESCAPE, f"`{shown}` is no escape; a backslash itself is written `\\\\`", at, fix=fix))
    return ""


def _interpolated(
    source: Source, start: int, end: int, diagnostics: list[Diagnostic], parse: ParseExpression
) -> tuple[int, tree.Expr | None]:
    """What stands between `${` and `}`, and where to go on."""
    raw = source.text
    name = LONE_NAME.match(raw, start, end)
    if name is not None:
        return name.end(), tree.Access(Span(source, name.start(1), name.end(1)), name.group(1), False, ())
    close = interpolation_end(raw, start, end)
    if close is None:
        message = "this `${` has no `}`; a `$` before `{` that stands for itself is written `\\$`"
        diagnostics.append(Diagnostic(codes.BAD_INTERPOLATION, message, Span(source, start, start + 2)))
        # Where it was to end nobody knows, so nothing is said of the rest.
        return end, None
    at = Span(source, start, close)
    inner = raw[start + 2 : close - 1].strip()
    if not inner:
        diagnostics.append(Diagnostic(codes.BAD_INTERPOLATION, "this `${ }` is empty", at))
        return close, None
    if re.fullmatch(r"\$[A-Za-z_][A-Za-z0-9_]*", inner):
        return close, parse(start + 2, close - 1)
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", inner):
        diagnostics.append(_not_a_variable(at, inner))
        return close, None
    return close, parse(start + 2, close - 1)


def _not_a_variable(at: Span, inner: str) -> Diagnostic:
    """`${n-1}`: one word, but not the name of a variable."""
    message = f"`{inner}` is no name of a variable; in an expression inside `${{ }}` variables have their `$`"
    fix = None
    word = re.fullmatch(r"([A-Za-z_][A-Za-z0-9_]*)-([0-9]+)", inner)
    if word:
        fix = Fix(f"subtract {word.group(2)}", (Edit(at, f"${{${word.group(1)} - {word.group(2)}}}"),))
    return Diagnostic(codes.BAD_INTERPOLATION, message, at, fix=fix)
