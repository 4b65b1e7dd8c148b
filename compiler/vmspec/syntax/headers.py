"""Recognises constructs of other languages in the header of a block, and says what to write instead."""

from __future__ import annotations

import re

from vmspec.base.code import Code
from vmspec.base.diagnostic import Diagnostic, Edit, Fix
from vmspec.base.source import Span
from vmspec.syntax import codes
from vmspec.syntax.error_messages import OBJECTS, ErrorContext, Mistake
from vmspec.syntax.lexer import FOLLOW
from vmspec.syntax.scanner import shown

NAMING = frozenset({"var", "val", "const", "local", "locals", "def", "define", "my", "variable", "auto"})
"""Words that declare a variable in other languages."""
NEEDLESS = frozenset({"set", "export", "public", "private", "static", "override", "default", "property", "option"})
"""Words that precede an assignment in other languages."""
LITERALS = {
    "INT": "int",
    "HEX": "int",
    "STRING": "string",
    "TRIPLE": "string",
    "TRUE": "bool",
    "FALSE": "bool",
    "RANGE": "cpuset",
    "CPUSET": "cpuset",
}
"""The type of a parameter, by the terminal of its default."""
PIECES = frozenset({"NAME", "STRING", "INT", "RANGE", "QUANTITY", "VAR", "MINUS", "DOT"})
VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)\}?")


def header(p: ErrorContext) -> Mistake | None:
    """The foreign construct that explains a token which does not fit in a header, if there is one."""
    for known in (
        _untyped,
        _parameter_without_sign,
        _naming,
        _equals_before_body,
        _label_of_pieces,
        _other_word_for_extends,
        _second_label,
    ):
        found = known(p)
        if found is not None:
            return found
    return None


def _said(code: Code, message: str, at: Span, fix: Fix | None = None) -> Diagnostic:
    return Diagnostic(code, message, at, fix=fix)


def _untyped(p: ErrorContext) -> Mistake | None:
    """`param $n = 3`, `profile p($n) { }`."""
    if p.kind(p.first) not in ("PARAM", "PROFILE") or p.kind(p.at - 1) != "VAR" or not p.automaton.accepts("COLON"):
        return None
    name, at = p.word(p.at - 1), p.tokens[p.at - 1].end
    type_ = LITERALS.get(p.kind(p.at + 1), "any") if p.token.kind == "EQ" else "any"
    fix = Fix(f"write : {type_}", (Edit(Span(p.source, at, at), f": {type_}"),))
    return Mistake(_said(codes.UNEXPECTED, f"a parameter says its type: `{name}: {type_}`", p.span(p.at - 1), fix))


def _parameter_without_sign(p: ErrorContext) -> Mistake | None:
    """`profile p(n: int) { }`."""
    if p.kind(p.first) != "PROFILE" or p.token.kind != "NAME" or not p.automaton.accepts("VAR") or p.automaton.accepts("NAME"):
        return None
    at, name = p.span(p.at), p.word(p.at)
    fix = Fix("write it with a $", (Edit(Span(p.source, at.start, at.start), "$"),))
    return Mistake(_said(codes.UNEXPECTED, f"a parameter is a variable: `${name}: TYPE`", at, fix))


def _naming(p: ErrorContext) -> Mistake | None:
    """`var n = 1`, `set cpu.count = 2`."""
    if p.token.kind != "EQ" or p.kind(p.first) != "NAME" or p.at < p.first + 2 or not _a_header(p):
        return None
    word, name = p.word(p.first), shown(p.span(p.first + 1, p.at - 1).text)
    gone = Span(p.source, p.tokens[p.first].start, p.tokens[p.first + 1].start)
    if word in NEEDLESS:
        message = f"no `{word}` stands before a setting: `{name} = …`"
        return Mistake(_said(codes.UNEXPECTED, message, p.span(p.first), Fix("take it away", (Edit(gone, ""),))))
    if word not in NAMING or p.at != p.first + 2:
        return None
    fix = Fix("write let", (Edit(gone, "let $"),)) if p.kind(p.first + 1) == "NAME" and "-" not in name else None
    return Mistake(_said(codes.UNEXPECTED, f"a value gets a name by `let`: `let ${name} = …`", p.span(p.first), fix))


def _equals_before_body(p: ErrorContext) -> Mistake | None:
    """`vm a = { }`, `disk vda.bus = usb`, `disk vda = file("/a")`."""
    if p.token.kind != "EQ" or p.automaton.accepts("EQ") or not p.automaton.accepts("LBRACE") or p.kind(p.first) != "NAME":
        return None
    if p.word(p.first) in FOLLOW or not _a_header(p):
        return None
    at, block = p.span(p.at), shown(p.span(p.first, p.at - 1).text)
    if p.kind(p.at + 1) == "LBRACE":
        fix = Fix("take it away", (Edit(Span(p.source, at.start, p.tokens[p.at + 1].start), ""),))
        return Mistake(_said(codes.UNEXPECTED, f"a block has no `=` before its body: `{block} {{ … }}`", at, fix), p.at, drop=1)
    if p.kind(p.first + 1) in ("NAME", "INT") and p.kind(p.first + 2) == "DOT":
        gap = Span(p.source, p.tokens[p.first].end, p.tokens[p.first + 1].start)
        fix = Fix("write a dot", (Edit(gap, "."),))
        message = f"a setting in a block is a path with dots: `{block.replace(' ', '.')} = …`"
        return Mistake(_said(codes.UNEXPECTED, message, p.span(p.first, p.at - 1), fix))
    message = f"`{block}` opens a block and takes no value: the settings stand in it, `{block} {{ name = … }}`"
    return Mistake(_said(codes.UNEXPECTED, message, at))


def _a_header(p: ErrorContext) -> bool:
    """Whether only words, numbers and dots stand between the first word of the statement and the token."""
    return all(p.kind(i) in PIECES - {"VAR", "MINUS"} | {"DOT"} for i in range(p.first, p.at))


def _label_of_pieces(p: ErrorContext) -> Mistake | None:
    """`vm a-$n { }`, `disk vd$i { }`."""
    if p.token.kind not in PIECES or p.kind(p.first) != "NAME" or p.at < p.first + 1:
        return None
    first = last = p.at
    while first > p.first + 1 and p.kind(first - 1) in PIECES and p.tokens[first - 1].end == p.tokens[first].start:
        first -= 1
    while p.kind(last + 1) in PIECES and p.tokens[last].end == p.tokens[last + 1].start:
        last += 1
    pieces = {p.kind(i) for i in range(first, last + 1)}
    if "VAR" not in pieces or first == last or p.kind(last + 1) not in ("LBRACE", "EXTENDS", "WHERE"):
        return None
    at = p.span(first, last)
    text = '"' + VARIABLE.sub(r"${\1}", at.text.replace('"', "")) + '"'
    message = f"a label that takes in a variable is a text: `{shown(text)}`"
    diagnostic = _said(codes.LABEL_IS_VARIABLE, message, at, Fix("put it in quotes", (Edit(at, text),)))
    return Mistake(diagnostic, first, ("STRING",), "HEAD", drop=last - first + 1)


def _other_word_for_extends(p: ErrorContext) -> Mistake | None:
    """`vm a inherits b { }`, `vm a (b) { }`, `vm a < b { }`."""
    if p.at != p.first + 2 or (p.word(p.first) not in OBJECTS and p.kind(p.first) != "PROFILE"):
        return None
    at, word = p.span(p.at), p.word(p.at)
    if p.token.kind == "NAME" and p.kind(p.at + 1) == "NAME" and word != "extends":
        fix = Fix("write extends", (Edit(at, "extends"),))
        diagnostic = _said(codes.UNEXPECTED, f"the profiles of an object stand behind `extends`, not behind `{word}`", at, fix)
        return Mistake(diagnostic, p.at, ("EXTENDS",), "EXTENDS", drop=1)
    if p.token.kind in ("LPAR", "CMP") and p.kind(p.at + 1) == "NAME":
        message = (
            f"the profiles of an object stand behind `extends`: `{p.word(p.first)} {shown(p.word(p.at - 1))} extends {p.word(p.at + 1)} …`"
        )
        return Mistake(_said(codes.UNEXPECTED, message, at))
    return None


def _second_label(p: ErrorContext) -> Mistake | None:
    """`resource "libvirt_domain" "web" {`, `vm my server {`."""
    if p.word(p.at) == "extends":
        return None
    labels = p.token.kind in ("STRING", "NAME") and p.kind(p.at - 1) in ("STRING", "NAME") and p.at - p.first == 2
    if not labels or p.kind(p.at + 1) != "LBRACE":
        return None
    words = f"{p.word(p.at - 1)} {p.word(p.at)}"
    example = (
        f'`{p.word(p.first)} "{words}" {{ … }}`' if p.token.kind == p.kind(p.at - 1) == "NAME" else f"`vm {shown(p.word(p.at))} {{ … }}`"
    )
    return Mistake(_said(codes.UNEXPECTED, f"a block is a kind and one label, as in {example}", p.span(p.at)))
