"""Recognises constructs of YAML, JSON, HCL, C and shells, and says what to write instead."""

from __future__ import annotations

import re

from vmspec.base.code import Code
from vmspec.base.diagnostic import Diagnostic, Edit, Fix
from vmspec.base.source import Span
from vmspec.syntax import codes
from vmspec.syntax.error_messages import BREAKS, OBJECTS, ErrorContext, Mistake
from vmspec.syntax.headers import header
from vmspec.syntax.scanner import shown

UNITS = re.compile(r"(?:[KMGTPE]i?B?|B|(?:[KMGT]?bit|[KMGT]i?B)/s|[num]s|s|min|h|d|[kKMGT]?Hz)", re.IGNORECASE)
BARE_TEXT = re.compile(r"[^\s;,\[\]{}()\"#]+(?:\([^\s;,\[\]{}()\"#]*\))?")
"""Unquoted text up to the next blank or character that ends a value."""
NEAR_PCI = re.compile(r"[0-9a-fA-F]{4}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-9a-fA-F]")
"""Of the form of a PCI address, and none where the lexer has not seen one: the slot or the function is too large."""
LIKE_TEXT = re.compile(
    r"(?:~|\.{0,2})/.*|\w+://.*|[\w-]*\d+(?:\.\w+)+[\w.-]*|[\w-]+(?:\.[\w-]+)+|[0-9a-fA-F]*:[0-9a-fA-F:.]*|\w+:\S+|\w[\w.-]*/\S*|\w+@\S+"
)
"""A path, an address with a scheme, a version, a name with dots, an IPv6 address, a host with a port."""


def habit(p: ErrorContext) -> Mistake | None:
    """The foreign construct that explains a token which does not fit, if there is one."""
    for known in (
        header,
        _heredoc,
        _extends_inside,
        _comment,
        _typed_let,
        _arrow,
        _colon,
        _double_equals,
        _double_operator,
        _condition,
        _unit_apart,
        _unquoted,
        _comma,
        _comprehension,
    ):
        found = known(p)
        if found is not None:
            return found
    return None


def _said(code: Code, message: str, at: Span, fix: Fix | None = None) -> Diagnostic:
    return Diagnostic(code, message, at, fix=fix)


def _heredoc(p: ErrorContext) -> Mistake | None:
    """`description = <<EOF` that nothing ends."""
    if p.word(p.at) != "<" or p.kind(p.at - 1) != "EQ" or p.word(p.at + 1) != "<":
        return None
    return Mistake(_said(codes.UNEXPECTED, 'a text of several lines stands between `"""` and `"""`', p.span(p.at, p.at + 1)))


def _extends_inside(p: ErrorContext) -> Mistake | None:
    """`vm a { extends p }`."""
    if p.kind(p.first) != "NAME" or p.word(p.first) != "extends" or p.at > p.first + 2:
        return None
    message = "the profiles of an object stand in its header: `vm NAME extends PROFILE { … }`"
    return Mistake(_said(codes.KEYWORD_MISPLACED, message, p.span(p.first)))


def _comment(p: ErrorContext) -> Mistake | None:
    for first in (p.at - 1, p.at):
        sign = f"{p.word(first)}{p.word(first + 1)}" if first >= 0 and p.kind(first + 1) != "$END" else ""
        if sign in ("//", "/*") and p.tokens[first].end == p.tokens[first + 1].start:
            at = p.span(first, first + 1)
            fix = Fix("write #", (Edit(at, "#"),)) if sign == "//" else None
            return Mistake(_said(codes.UNEXPECTED, f"a comment begins with `#` and ends with its line, not with `{sign}`", at, fix))
    return None


def _typed_let(p: ErrorContext) -> Mistake | None:
    """`let $n: int = 1`."""
    if p.token.kind != "COLON" or p.kind(p.first) != "LET" or p.at != p.first + 2:
        return None
    end = next((i for i in range(p.at, len(p.tokens)) if p.kind(i) in {"EQ", *BREAKS}), p.at)
    if p.kind(end) != "EQ" or end == p.at + 1:
        return None
    at = p.span(p.at, end - 1)
    gone = Span(p.source, at.start, p.tokens[end].start)
    message = f"`let` has no type, its value has one: `let {p.word(p.at - 1)} = …`; a type is that of a `param`"
    return Mistake(_said(codes.UNEXPECTED, message, at, Fix("take it away", (Edit(gone, " "),))), p.at, drop=end - p.at)


def _arrow(p: ErrorContext) -> Mistake | None:
    """`cpu.count := 2`, `cpu.count => 2`."""
    first = p.at if p.token.kind == "COLON" else p.at - 1
    sign = f"{p.word(first)}{p.word(first + 1)}" if first > p.first and p.kind(first + 1) in ("EQ", "CMP") else ""
    if sign not in (":=", "=>") or p.tokens[first].end != p.tokens[first + 1].start:
        return None
    at = p.span(first, first + 1)
    fix = Fix("write =", (Edit(at, "="),))
    return Mistake(_said(codes.EQUALS_MISSING, f"a value is given by `=`, not by `{sign}`", at, fix), first, ("EQ",), "EXPRESSION", drop=2)


def _colon(p: ErrorContext) -> Mistake | None:
    """`memory: 4GiB`, `"memory": 4GiB`, `vm a : profile { }`."""
    if p.token.kind != "COLON":
        return None
    at = p.span(p.at)
    if (
        p.at >= 2
        and p.kind(p.at - 2) in ("NAME", "STRING", "PROFILE")
        and p.kind(p.at - 1) in ("NAME", "STRING")
        and p.at - 2 == p.first
        and p.word(p.first) in (*OBJECTS, "profile")
    ):
        if p.kind(p.at + 1) == "LBRACE":
            return Mistake(_said(codes.UNEXPECTED, "a block has no `:` before its body", at, Fix("take it away", (Edit(at, ""),))))
        fix = Fix("write extends", (Edit(at, "extends" if at.start and p.source.text[at.start - 1].isspace() else " extends"),))
        return Mistake(_said(codes.UNEXPECTED, "the profiles of an object stand behind `extends`, not behind `:`", at, fix))
    if not p.automaton.accepts("EQ"):
        return None
    setting = shown(p.span(p.first, p.at - 1).text)
    fix = Fix("write =", (Edit(at, " ="),))
    message = f"a value is given by `=`, not by `:`: `{setting} = …`"
    return Mistake(_said(codes.EQUALS_MISSING, message, at, fix), p.at, ("EQ",), "EXPRESSION", drop=1)


def _double_equals(p: ErrorContext) -> Mistake | None:
    if p.token.kind != "CMP" or p.word(p.at) != "==" or not p.automaton.accepts("EQ"):
        return None
    at = p.span(p.at)
    fix = Fix("write =", (Edit(at, "="),))
    message = "`==` compares; a value is given by `=`"
    return Mistake(_said(codes.EQUALS_MISSING, message, at, fix), p.at, ("EQ",), "EXPRESSION", drop=1)


def _double_operator(p: ErrorContext) -> Mistake | None:
    """`&&` and `||`."""
    if p.token.kind not in ("AMPERSAND", "PIPE") or p.kind(p.at - 1) != p.token.kind or p.tokens[p.at - 1].end != p.token.start:
        return None
    word = "and" if p.token.kind == "AMPERSAND" else "or"
    at = p.span(p.at - 1, p.at)
    return Mistake(_said(codes.UNEXPECTED, f"`{at.text}` is written `{word}`", at, Fix(f"write {word}", (Edit(at, word),))))


def _condition(p: ErrorContext) -> Mistake | None:
    """`if … { }` as a statement."""
    if p.kind(p.first) not in ("NAME", "IF") or p.word(p.first) not in ("if", "elif", "elsif", "unless", "foreach", "while", "include"):
        return None
    if p.kind(p.first + 1) in ("EQ", "SETOP", "DOT", "LBRACE", *BREAKS):
        return None
    word, at = p.word(p.first), p.span(p.first)
    meant = {"foreach": "for", "while": "for", "include": "import", "elif": "else when", "elsif": "else when"}.get(word, "when")
    fix = Fix(f"write {meant}", (Edit(at, meant),)) if word in ("if", "foreach", "include") else None
    return Mistake(_said(codes.KEYWORD_MISPLACED, f"no statement begins with `{word}`; what is meant is `{meant}`", at, fix))


def _value_start(p: ErrorContext) -> int | None:
    """The index of the token with which the value begins that the parser stands in, if it is on this line."""
    index = p.at - 1
    while index >= p.first and p.kind(index) not in ("EQ", "SETOP", "LPAR", "LSQB", "COMMA", "_SEP", "LBRACE", "RBRACE"):
        index -= 1
    if index < p.first or p.kind(index) not in ("EQ", "SETOP", "LPAR", "LSQB", "COMMA"):
        return None
    return None if p.on_new_line(index + 1) else index + 1


def _unit_apart(p: ErrorContext) -> Mistake | None:
    """`4 GiB`."""
    if p.token.kind != "NAME" or p.kind(p.at - 1) not in ("INT", "FLOAT") or not UNITS.fullmatch(p.word(p.at)):
        return None
    at = p.span(p.at - 1, p.at)
    joined = f"{p.word(p.at - 1)}{p.word(p.at)}"
    fix = Fix(f"write {joined}", (Edit(at, joined),))
    return Mistake(_said(codes.UNEXPECTED, f"a number and its unit are one word: `{joined}`", at, fix), p.at - 1, ("TRUE",), drop=2)


def _unquoted(p: ErrorContext) -> Mistake | None:
    """A path, a version or a sentence without quotes."""
    begin = _value_start(p)
    if p.token.kind == "CMP" or begin is None or p.kind(begin) == "$END" or "STRING" in {p.kind(i) for i in range(begin, p.at)}:
        return None
    start = p.tokens[begin].start
    found = BARE_TEXT.match(p.source.text, start)
    several = _words(p, begin)
    if several is not None:
        last, what = several, "several words"
        text = p.source.text[start : p.tokens[last].end]
    elif found is not None and LIKE_TEXT.fullmatch(found[0]) and found.end() >= p.token.end:
        text, what = found[0], "a text"
        last = next(i - 1 for i in range(begin, len(p.tokens)) if p.tokens[i].start >= found.end() or p.kind(i) == "$END")
    else:
        return None
    at = Span(p.source, start, start + len(text))
    quoted = '"' + text.replace("\\", "\\\\") + '"'
    fix: Fix | None = Fix("put it in quotes", (Edit(at, quoted),))
    message = f"`{shown(text)}` is {what}, and stands in quotes: `{shown(quoted)}`"
    if NEAR_PCI.fullmatch(text):
        message, fix = f"`{shown(text)}` is no PCI address: 0000:3b:00.0 has domain, bus, slot up to 1f and function up to 7", None
    return Mistake(_said(codes.UNEXPECTED, message, at, fix), begin, ("TRUE",), drop=last - begin + 1)


def _words(p: ErrorContext, begin: int) -> int | None:
    """The index of the last of several plain words that stand where one value does."""
    last = begin
    if p.automaton.accepts("RSQB") or p.automaton.accepts("RPAR"):
        return None
    while p.kind(last) in ("NAME", "INT", "FLOAT", "QUANTITY", "DOT", "MINUS") and not (last > begin and p.on_new_line(last)):
        last += 1
    plain = last > p.at and p.kind(p.at) in ("NAME", "INT", "FLOAT", "QUANTITY") and p.kind(begin) == "NAME"
    return last - 1 if plain and p.kind(last) in BREAKS | {"RPAR", "RSQB", "COMMA"} and p.kind(last) != "EQ" else None


def _comma(p: ErrorContext) -> Mistake | None:
    """The comma behind a statement, or between the entries of a map."""
    numbers = p.kind(p.at - 1) in ("INT", "RANGE", "CPUSET") and p.kind(p.at + 1) not in ("NAME", "STRING", *BREAKS)
    if p.token.kind != "COMMA" or not p.automaton.accepts("_SEP") or numbers:
        return None
    listed = _bare_list(p)
    if listed is not None:
        return listed
    at = p.span(p.at)
    ends = p.kind(p.at + 1) in BREAKS or p.on_new_line(p.at + 1)
    fix = Fix("remove it", (Edit(at, ""),)) if ends else Fix("write ;", (Edit(at, ";"),))
    message = "no comma stands between statements and between the entries of a map: a new line or `;` parts them"
    again = ("_SEP",) if p.kind(p.at + 1) not in BREAKS else ()
    return Mistake(_said(codes.UNEXPECTED, message, at, fix), p.at, again, "HEAD", drop=1)


def _bare_list(p: ErrorContext) -> Mistake | None:
    """`tags = web, db`."""
    begin = _value_start(p)
    end = p.at
    while p.kind(end) == "COMMA" and p.kind(end + 1) in ("NAME", "STRING", "QUANTITY") and not p.on_new_line(end + 1):
        end += 2
    if begin is None or end == p.at or p.kind(end) not in BREAKS:
        return None
    at = p.span(begin, end - 1)
    fix = Fix("put it in brackets", (Edit(at, f"[{at.text}]"),))
    message = f"a list stands in brackets: `[{shown(at.text)}]`"
    return Mistake(_said(codes.UNEXPECTED, message, at, fix), begin, ("TRUE",), drop=end - begin)


def _comprehension(p: ErrorContext) -> Mistake | None:
    """`[for $i in range(3) : …]`, `[$x for $x in $l]`."""
    at = next((i for i in (p.at - 1, p.at) if i > p.first and p.kind(i) == "NAME" and p.word(i) == "for"), None)
    if at is None or not p.automaton.accepts("RSQB"):
        return None
    message = "no list is made by `for`: `for $x in … { }` repeats settings and blocks, `each $x in …` in a vm makes one for each"
    return Mistake(_said(codes.KEYWORD_MISPLACED, message, p.span(at)))


def lone_word(p: ErrorContext) -> Mistake | None:
    """`features { acpi; apic }`: a name with nothing behind it."""
    if p.token.kind not in BREAKS or p.at != p.first + 1 or p.kind(p.first) != "NAME":
        return None
    word = shown(p.word(p.first))
    end = p.tokens[p.first].end
    fix = Fix("write = true", (Edit(Span(p.source, end, end), " = true"),))
    message = f"`{word}` is unfinished; write `{word} = true` for a switch, `{word} = …` for a value or `{word} {{ … }}` for a block"
    return Mistake(_said(codes.EQUALS_MISSING, message, p.span(p.first), fix), p.at, ("EQ", "TRUE"))
