"""Handles tokens that the scanner's regular expression cannot settle: strings with nested `${ }`, unterminated strings, and stray
characters."""

from __future__ import annotations

import re

from vmspec.base.diagnostic import Diagnostic, Edit, Fix
from vmspec.base.source import Source, Span
from vmspec.base.suggest import question
from vmspec.syntax import codes
from vmspec.syntax.scanner import Scan, Token, shown


def odd(source: Source, token: Token, stop: int, found: Scan) -> int | None:
    """Handle one such token; returns the offset to continue at, if it is not the token's end."""
    match token.kind:
        case "QUOTE":
            return _string(source, token.start, stop, found)
        case "DOLLAR_BRACE":
            return _dollar_brace(source, token, stop, found)
        case "WORD":
            if not source.text[token.start : token.end].isascii():
                found.diagnostics.append(_not_ascii(source, token))
            found.tokens.append(Token("VAR" if source.text[token.start] == "$" else "NAME", token.start, token.end))
        case _:
            return _other(source, token, stop, found)
    return None


# ------------------------------------------------------------------------------------------------ strings

PIECE = re.compile(r'[^"\\$\n]+|\\.|\$(?!\{)')
PLAIN = re.compile(r'"(?:[^"\\\n]|\\.)*+"')
LINE = re.compile(r'"[^\n]*')
CLOSERS = re.compile(r"[\s)\]};,]*\Z")
DECLARATION = re.compile(r"^(?:abstract|profile|vm|host|network|pool|volume|env|policy|test|let|param|import)[ \t]", re.MULTILINE)
INSIDE = re.compile(r'[^"{}\n]+')


def _string(source: Source, start: int, stop: int, found: Scan) -> int:
    """A string with nested quotes or braces in its `${ }`, or one that does not end."""
    text = source.text
    if text.startswith('"""', start):
        return _open_block(source, start, stop, found)
    end = string_end(text, start, stop)
    if end is None:
        plain = PLAIN.match(text, start, stop)
        end = plain.end() if plain else None
    if end is None:
        return _open_string(source, start, stop, found)
    found.tokens.append(Token("STRING", start, end))
    return end


def string_end(text: str, start: int, stop: int) -> int | None:
    """The end of the string that begins at `start`, with strings and braces nested in its `${ }`; None if it has none on its line."""
    at = start + 1
    stack = ['"']  # what has to be closed, innermost last
    while stack:
        if at >= stop:
            return None
        inside_string = stack[-1] == '"'
        skipped = (PIECE if inside_string else INSIDE).match(text, at, stop)
        if skipped:
            at = skipped.end()
            continue
        char = text[at]
        at += 1
        if char == stack[-1]:
            stack.pop()
        elif inside_string and text.startswith("{", at) and char == "$":
            stack.append("}")
            at += 1
        elif not inside_string and char == "{":
            stack.append("}")
        elif not inside_string and char == '"':
            stack.append('"')
        else:
            return None
    return at


def _open_string(source: Source, start: int, stop: int, found: Scan) -> int:
    """Up to the end of the line, but for the closers at its end: they belong to what the string stands in."""
    text = source.text
    line = LINE.match(text, start, stop)
    assert line is not None
    content = line.group().split(" #")[0]
    closers = CLOSERS.search(content)
    end = start + max(1, closers.start() if closers else len(content))
    escaped = (end - len(text[start:end].rstrip("\\")) - start) % 2 == 1  # a quote behind a lone backslash would not close it
    fix = None if escaped else Fix("close the string", (Edit(Span(source, end, end), '"'),))
    message = "the string that starts here has no closing quote on its line"
    found.diagnostics.append(Diagnostic(codes.UNTERMINATED_STRING, message, Span(source, start, end), fix=fix))
    found.tokens.append(Token("STRING", start, end))
    return end


def _open_block(source: Source, start: int, stop: int, found: Scan) -> int:
    """Up to the next declaration in the first column, else to the end of the file."""
    following = DECLARATION.search(source.text, start + 3, stop)
    end = following.start() if following else stop
    while end > start + 3 and source.text[end - 1] in " \t\r\n":
        end -= 1
    at = Span(source, start, start + 3)
    found.diagnostics.append(Diagnostic(codes.UNTERMINATED_STRING, 'the text block that starts here has no closing """', at))
    found.tokens.append(Token("TRIPLE", start, end))
    return end


# ------------------------------------------------------------------------------------------------ what is no token

LOOK_ALIKE = {
    "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "″": '"', "＂": '"', "‘": '"', "’": '"', "‚": '"', "'": '"', "`": '"',
    "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "×": "*", "÷": "/", "；": ";", "，": ",", "：": ":", "＝": "=", "（": "(",
    "）": ")", "｛": "{", "｝": "}", "…": "...", "≤": "<=", "≥": ">=", "≠": "!=",
}  # fmt: skip
QUOTED = re.compile(r"[“”„‟«»″＂‘’‚'`]([^“”„‟«»″＂‘’‚'`\"\n]*)[“”‟«»″＂‘’'`]")
DASHES = "–—−‐‑"
JUNK = re.compile(r"(?:[^\w\s\"#$(){}\[\];:,.=<>|&+*/^-])+")
INTERPOLATION = re.compile(r"\$\{[ \t]*([A-Za-z_][A-Za-z0-9_]*)?[^}\n]*\}?")
PIECES = re.compile(r"(?:\$\{[ \t]*[A-Za-z_]\w*[ \t]*\}|[\w.-])+")
"""A word with `${ }` in it, from the first variable on."""
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def _other(source: Source, token: Token, stop: int, found: Scan) -> int | None:
    text = source.text
    char = text[token.start]
    quoted = QUOTED.match(text, token.start, stop)
    if quoted:
        found.tokens.append(Token("STRING", token.start, quoted.end()))
        found.diagnostics.append(_quotes(source, token.start, quoted.end(), quoted.group(1)))
        return quoted.end()
    if char in LOOK_ALIKE or char.isspace() or char in INVISIBLE:
        found.diagnostics.append(_look_alike(source, token, char))
        return None
    junk = JUNK.match(text, token.start, stop)
    end = junk.end() if junk else token.end
    found.diagnostics.append(_unknown(source, token.start, end))
    return end if end > token.end else None


def _quotes(source: Source, start: int, end: int, inner: str) -> Diagnostic:
    fix = Fix('write "', (Edit(Span(source, start, start + 1), '"'), Edit(Span(source, end - 1, end), '"')))
    message = f'{source.text[start]} and {source.text[end - 1]} are no quotes of the language, write "{shown(inner)}"'
    return Diagnostic(codes.UNKNOWN_CHARACTER, message, Span(source, start, end), fix=fix)


def _look_alike(source: Source, token: Token, char: str) -> Diagnostic:
    at = Span(source, token.start, token.end)
    meant = LOOK_ALIKE.get(char)
    if meant is not None:
        message = f"`{char}` (U+{ord(char):04X}) means nothing here; {question(meant)}"
        return Diagnostic(codes.UNKNOWN_CHARACTER, message, at, fix=Fix(f"write {meant}", (Edit(at, meant),)))
    invisible = char in INVISIBLE
    message = f"an {'invisible character' if invisible else 'unusual blank'} (U+{ord(char):04X}) stands here"
    fix = Fix("remove it" if invisible else "write a plain blank", (Edit(at, "" if invisible else " "),))
    return Diagnostic(codes.UNKNOWN_CHARACTER, message, at, fix=fix)


def _unknown(source: Source, start: int, end: int) -> Diagnostic:
    junk = source.text[start : min(end, start + 20)]
    names = f"`{junk}`" if junk.isprintable() else " ".join(f"U+{ord(c):04X}" for c in junk[:8])
    return Diagnostic(codes.UNKNOWN_CHARACTER, f"{names} means nothing in the language", Span(source, start, end))


def _not_ascii(source: Source, token: Token) -> Diagnostic:
    word = source.text[token.start : token.end]
    strange = next(c for c in word if not c.isascii())
    message = f"the name `{shown(word)}` holds `{strange}`; names are made of A-Z, a-z, 0-9, `_` and `-`"
    return Diagnostic(codes.NAME_NOT_ASCII, message, Span(source, token.start, token.end))


def _dollar_brace(source: Source, token: Token, stop: int, found: Scan) -> int:
    """`${x}` outside a string; read on as the variable, or as nothing; `web-${x}` as the string that it was meant to be."""
    before = len(source.text) if not found.tokens else found.tokens[-1].end
    begin = token.start
    while found.tokens and before == begin and found.tokens[-1].kind in ("NAME", "INT", "MINUS", "QUANTITY", "VAR", "WORD"):
        begin = found.tokens.pop().start
        before = found.tokens[-1].end if found.tokens else -1
    match = INTERPOLATION.match(source.text, token.start, stop)
    assert match is not None
    pieces = PIECES.match(source.text, token.start, stop)
    if pieces is not None and (begin < token.start or pieces.end() > match.end()):
        return _unquoted(Span(source, begin, pieces.end()), found)
    at = Span(source, token.start, match.end())
    name = match.group(1)
    message, fix = f"`{shown(at.text)}` stands outside a string", None
    if name is not None and at.text.endswith("}"):
        fix = Fix(f"write ${name}", (Edit(at, f"${name}"),))
        message += f"; outside, the variable is `${name}`"
    found.diagnostics.append(Diagnostic(codes.BAD_INTERPOLATION, message, at, fix=fix))
    found.tokens.append(Token("VAR", token.start, match.end()))
    return match.end()


def _unquoted(at: Span, found: Scan) -> int:
    """`web-${n}`."""
    text = f'"{at.text}"'
    message = f"what takes in a variable by `${{ }}` is a text: `{shown(text)}`"
    fix = Fix("put it in quotes", (Edit(at, text),))
    found.diagnostics.append(Diagnostic(codes.BAD_INTERPOLATION, message, at, fix=fix))
    found.tokens.append(Token("STRING", at.start, at.end))
    return at.end
