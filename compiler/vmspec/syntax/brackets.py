"""Balances brackets after a syntax error: missing closers are inserted, stray ones dropped, and each is reported.

Only a file that does not parse comes here: layout is evidence of what was meant, and files without indentation are valid.
What follows can then rely on every bracket having its counterpart.
"""

from __future__ import annotations

from vmspec.base.diagnostic import Diagnostic, Edit, Fix, Label
from vmspec.base.record import field, record
from vmspec.base.source import Source, Span
from vmspec.syntax import codes
from vmspec.syntax.scanner import Token, shown

CLOSER = {"LBRACE": "RBRACE", "LPAR": "RPAR", "LSQB": "RSQB"}
SIGN = {"RBRACE": "}", "RPAR": ")", "RSQB": "]"}
BLOCKS = frozenset({"abstract", "profile", "vm", "host", "network", "pool", "volume", "nwfilter", "secret", "env", "policy", "test"})
"""The words that begin a top-level block."""
STATEMENTS = frozenset({"let", "param", "import"})
HOLDERS = frozenset({"env", "policy", "test"})
"""The top-level blocks that contain blocks of objects."""
NAMED = frozenset({"NAME", "STRING"})


@record(slots=True)
class Balance:
    source: Source
    raw: list[Token]
    out: list[Token] = field(default_factory=list)
    open: list[Token] = field(default_factory=list)
    pairs: list[tuple[Token, Token]] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    lacking: bool = False
    """Whether the file has more `{` than `}`."""


def balance(source: Source, raw: list[Token]) -> tuple[list[Token], list[Diagnostic]]:
    """The tokens with as many closers as openers, properly nested."""
    b = Balance(source, raw)
    b.lacking = sum((t.kind == "LBRACE") - (t.kind == "RBRACE") for t in raw) > 0
    for index, token in enumerate(raw):
        if b.lacking and b.open and _begins_anew(b, index):
            _close_all(b, token)
        if token.kind in CLOSER:
            b.open.append(token)
        elif token.kind in SIGN:
            _close(b, token)
            continue
        b.out.append(token)
    _close_all(b, None)
    return b.out, b.diagnostics


def _close(b: Balance, closer: Token) -> None:
    """Match a closer with what is open, or drop it."""
    kinds = [t.kind for t in b.open[-2:]]
    if closer.kind == "RBRACE":
        if any(t.kind == "LBRACE" for t in b.open):
            while b.open[-1].kind != "LBRACE":
                _missing(b, b.open.pop(), closer)
    elif len(kinds) == 2 and CLOSER[kinds[0]] == closer.kind != CLOSER[kinds[1]] and _same_line(b, b.open[-1], closer):
        _missing(b, b.open.pop(), closer)
    if b.open and CLOSER[b.open[-1].kind] == closer.kind:
        b.pairs.append((b.open.pop(), closer))
        b.out.append(closer)
    elif b.open and b.open[-1].kind != "LBRACE":
        _other_kind(b, b.open.pop(), closer)
    else:
        _closes_nothing(b, closer)


def _other_kind(b: Balance, opener: Token, closer: Token) -> None:
    """`[1, 2)`: taken as the closer that was meant."""
    at, meant = Span(b.source, closer.start, closer.end), CLOSER[opener.kind]
    label = Label(Span(b.source, opener.start, opener.end), "opened here")
    message = f"this `{SIGN[closer.kind]}` stands where `{SIGN[meant]}` is due: `{_head(b, opener)}` is not closed"
    fix = Fix(f"write {SIGN[meant]}", (Edit(at, SIGN[meant]),))
    b.diagnostics.append(Diagnostic(codes.UNCLOSED, message, at, labels=(label,), fix=fix))
    b.out.append(Token(meant, closer.start, closer.end))


def _closes_nothing(b: Balance, closer: Token) -> None:
    at = Span(b.source, closer.start, closer.end)
    fix = Fix("remove it", (Edit(at, ""),))
    b.diagnostics.append(Diagnostic(codes.CLOSES_NOTHING, f"this `{SIGN[closer.kind]}` closes nothing", at, fix=fix))


def _close_all(b: Balance, before: Token | None) -> None:
    while b.open:
        _missing(b, b.open.pop(), before)
    b.pairs.clear()


def _missing(b: Balance, opener: Token, before: Token | None) -> None:
    """Put in the closer of `opener`: a `}` before the token, a `)` or `]` at the end of its line."""
    closer = CLOSER[opener.kind]
    index = _last_solid(b.out, len(b.out))
    if opener.kind != "LBRACE":
        index = _end_of_line(b.out, opener, index)
    at = b.out[index - 1].end if index else opener.end
    b.out.insert(index, Token(closer, at, at))
    if opener.kind == "LBRACE":
        b.diagnostics.append(_unclosed_block(b, opener, before, at))
    else:
        b.diagnostics.append(_unclosed(b, opener, Span(b.source, at, at), at, SIGN[closer]))


def _last_solid(out: list[Token], index: int) -> int:
    while index and out[index - 1].kind in ("NEWLINE", "SEMI"):
        index -= 1
    return index


def _end_of_line(out: list[Token], opener: Token, limit: int) -> int:
    """The index in `out` of the first newline behind `opener` that is in no bracket within it."""
    depth = 0
    start = next(i for i in range(len(out) - 1, -1, -1) if out[i] is opener)
    for index in range(start + 1, limit):
        kind = out[index].kind
        depth += (kind in CLOSER) - (kind in SIGN)
        if kind == "NEWLINE" and depth == 0 and out[index - 1].kind not in ("COMMA", *CLOSER):
            return index
    return limit


def _unclosed_block(b: Balance, opener: Token, before: Token | None, at: int) -> Diagnostic:
    """The layout may show that an inner block took the `}` of this one: then the inner one is what was left open."""
    for inner, closer in b.pairs:
        within = inner.kind == "LBRACE" and inner.start > opener.start
        if within and _first_on_line(b, closer) and _indent(b, closer) <= _indent(b, opener) < _indent(b, inner):
            return _unclosed(b, inner, Span(b.source, closer.start, closer.end), closer.start, "}")
    place = Span(b.source, before.start, before.end) if before is not None else Span(b.source, at, at)
    return _unclosed(b, opener, place, at, "}")


def _unclosed(b: Balance, opener: Token, place: Span, insert: int, sign: str) -> Diagnostic:
    head = _head(b, opener)
    where = f" before `{shown(place.text)}`" if place.end > place.start else ""
    text = "\n}" if sign == "}" else sign
    return Diagnostic(
        codes.UNCLOSED,
        f"a `{sign}` is missing{where}: `{head}` is not closed",
        place,
        labels=(Label(Span(b.source, opener.start, opener.end), "opened here"),),
        fix=Fix(f"insert {sign}", (Edit(Span(b.source, insert, insert), text),)),
    )


def _head(b: Balance, opener: Token) -> str:
    """What stands before the bracket on its line, with it."""
    start = _line_start(b, opener)
    return shown(b.source.text[max(start, opener.end - 39) : opener.end])


# ------------------------------------------------------------------------------------------------ layout


def _begins_anew(b: Balance, index: int) -> bool:
    """Whether a declaration starts here, in the first column, while blocks stand open above it."""
    token = b.raw[index]
    if token.kind != "NAME" or _line_start(b, token) != token.start or index + 1 >= len(b.raw):
        return False
    word = b.source.text[token.start : token.end]
    following = b.raw[index + 1].kind
    outer = b.open[0]
    indented = _content_is_indented(b, outer)
    if word in BLOCKS and following in NAMED:
        return indented or b.source.text[_line_start(b, outer) : outer.start].split(" ")[0] not in HOLDERS
    if word in STATEMENTS and following in ("VAR", "STRING"):
        return indented
    return indented and following in NAMED and _opens_on_line(b, index)


def _opens_on_line(b: Balance, index: int) -> bool:
    for token in b.raw[index + 2 : index + 40]:
        if token.kind in ("NEWLINE", "SEMI", "EQ"):
            return False
        if token.kind == "LBRACE":
            return True
    return False


def _content_is_indented(b: Balance, opener: Token) -> bool:
    text = b.source.text
    at = opener.end
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at < len(text) and text[at - 1] != "\n"


def _line_start(b: Balance, token: Token) -> int:
    return b.source.text.rfind("\n", 0, token.start) + 1


def _indent(b: Balance, token: Token) -> int:
    line = b.source.text[_line_start(b, token) : token.start]
    return len(line) - len(line.lstrip())


def _first_on_line(b: Balance, token: Token) -> bool:
    return not b.source.text[_line_start(b, token) : token.start].strip()


def _same_line(b: Balance, first: Token, second: Token) -> bool:
    return b.source.text.find("\n", first.start, second.start) < 0
