"""From raw tokens to the terminals of the grammar, in one pass: words become keywords by position, newlines and `;` become
separators, commas between numbers become cpusets.

Position is a mode, one for each bracket that is open:

- HEAD: kinds, names and labels, up to `=`; where statements begin
- EXTENDS: the parents of a header; `over` is a keyword
- BINDER: the variables after `each` and `for`, up to `in`
- EXPRESSION: after `=`, `assert`, `when`, `where` and `in`, up to the end of the statement or the body's `{`
- ARGUMENTS: inside `(` and `[`, where newlines do not count and a comma is a comma
"""

from __future__ import annotations

from vmspec.syntax.scanner import Token

HEAD, EXTENDS, BINDER, EXPRESSION, ARGUMENTS = "HEAD", "EXTENDS", "BINDER", "EXPRESSION", "ARGUMENTS"

NUMBERS = frozenset({"INT", "RANGE"})
CLOSERS = frozenset({"RPAR", "RSQB", "RBRACE"})
ENDS = CLOSERS | {
    "NAME", "VAR", "STRING", "TRIPLE", "INT", "HEX", "FLOAT", "QUANTITY", "RANGE", "CPUSET", "UNQUOTED", "TRUE", "FALSE", "SKIPPED",
}  # fmt: skip
"""Tokens that can end an operand, and so a statement."""
OPERAND_STARTS = (ENDS - CLOSERS) | {"LPAR", "LSQB", "LBRACE", "MINUS"}
STATEMENT_STARTS = frozenset({"_SEP", "LBRACE"})
PREFIXES = frozenset({"FINAL", "REPLACE", "ABSTRACT", "ELSE"})

NAMED = frozenset({"NAME", "STRING"})
BINDS = frozenset({"VAR"})
FOLLOW = {
    "import": frozenset({"STRING"}),
    "let": BINDS,
    "param": BINDS,
    "each": BINDS,
    "for": BINDS,
    "profile": frozenset({"NAME"}),
    "abstract": frozenset({"NAME"}),
    "final": NAMED,
    "replace": NAMED,
    "unset": NAMED,
    "require": NAMED,
}
"""Words that begin a statement where one of these follows."""
CONDITIONS = frozenset({"assert", "when"})
"""Words that begin a statement where none of ASSIGNS follows."""
ASSIGNS = frozenset({"EQ", "SETOP", "DOT", "NEWLINE", "SEMI", "RBRACE"})
INFIX = frozenset({"and", "or", "in", "then", "else"})
WORDS = FOLLOW.keys() | CONDITIONS | INFIX | {"as", "extends", "over", "where", "if", "not", "true", "false", "self"}
CONTINUES = frozenset({"extends", "where", "then", "else"})
"""Words before which a newline does not count."""
LABELS = frozenset({"NAME", "STRING", "INT", "RANGE", "QUANTITY"})
CONDITION_STARTS = OPERAND_STARTS - {"LBRACE"}
MODE_AFTER = {"ASSERT": EXPRESSION, "WHEN": EXPRESSION, "WHERE": EXPRESSION, "EACH": BINDER, "FOR": BINDER, "EXTENDS": EXTENDS}


def arrange(text: str, raw: list[Token], mode: str = HEAD) -> list[Token]:
    """The terminals that the parser reads, without the end mark. `mode` is EXPRESSION for the inside of `${ }`."""
    out: list[Token] = []
    modes = [mode]
    brackets: list[str] = []
    at, count = 0, len(raw)
    previous = "LBRACE" if mode is HEAD else ""
    while at < count:
        token = raw[at]
        kind = token.kind
        at += 1
        if kind == "NAME":
            word = text[token.start : token.end]
            if word in WORDS:
                new = _keyword(word, modes[-1], previous, _following(text, raw, at, word))
                if new is not None:
                    kind = new
                    token = Token(kind, token.start, token.end)
                    modes[-1] = MODE_AFTER.get(kind, EXPRESSION if kind == "IN" and modes[-1] is BINDER else modes[-1])
        elif kind == "NEWLINE" or kind == "SEMI":
            if _separates(text, raw, at - 1, previous, brackets, modes[-1]):
                token = Token("_SEP", token.start, token.end)
                modes[-1] = HEAD
                out.append(token)
                previous = "_SEP"
            continue
        elif kind == "EQ" or kind == "SETOP":
            if modes[-1] is not ARGUMENTS:
                modes[-1] = EXPRESSION
        elif kind == "LBRACE":
            if previous in ENDS or (previous == "ELSE" and modes[-1] is HEAD):  # a body, not a map: the header before it is over
                modes[-1] = HEAD
            modes.append(HEAD)
            brackets.append(kind)
        elif kind == "LPAR" or kind == "LSQB":
            modes.append(ARGUMENTS)
            brackets.append(kind)
        elif kind in CLOSERS:
            if brackets:
                modes.pop()
                brackets.pop()
            if kind == "RBRACE" and previous == "_SEP":
                out.pop()
        elif kind in NUMBERS and _may_be_cpuset(out, previous, brackets):
            at, end = _cpuset(raw, at, token.end)
            if end != token.end:
                kind = "CPUSET"
                token = Token(kind, token.start, end)
        out.append(token)
        previous = kind
    if out and previous == "_SEP":
        out.pop()
    return out


def end_of(tokens: list[Token]) -> Token:
    """The end mark, where the last token ends."""
    last = tokens[-1].end if tokens else 0
    return Token("$END", last, last)


def _following(text: str, raw: list[Token], at: int, word: str) -> str:
    """The kind of the token behind a word. A line end counts, but where the word cannot end a statement or `{` begins the next line."""
    count = len(raw)
    kind = raw[at].kind if at < count else ""
    if kind == "NEWLINE" and (word == "where" or word in CONDITIONS):
        while at < count and raw[at].kind == "NEWLINE":
            at += 1
        after = raw[at].kind if at < count else ""
        kind = after if word == "where" or after == "LBRACE" else kind
    # The label of `vm where extends base` is a name.
    return "" if word == "where" and kind == "NAME" and text.startswith("extends", raw[at].start) else kind


def _keyword(word: str, mode: str, previous: str, following: str) -> str | None:
    """The terminal that a word is at this place; None where it is a name."""
    if mode is HEAD:
        return _head_keyword(word, previous, following)
    if mode is EXTENDS:
        return "OVER" if word == "over" and following == "NAME" else None
    if previous == "DOT":
        return None
    if word in INFIX:
        return word.upper() if previous in ENDS else None
    if previous in ENDS:
        return None
    if word == "not" or word == "if":
        return word.upper() if following in OPERAND_STARTS else None
    if word == "true" or word == "false":
        return word.upper() if following != "DOT" and following != "EQ" else None
    return "SELF" if word == "self" and following == "DOT" else None


def _head_keyword(word: str, previous: str, following: str) -> str | None:
    if previous in STATEMENT_STARTS or previous in PREFIXES:
        follow = FOLLOW.get(word)
        if follow is not None:
            return word.upper() if following in follow else None
        if word in CONDITIONS:
            return word.upper() if following not in ASSIGNS else None
    if word == "else":
        alone = previous in STATEMENT_STARTS and following == "LBRACE"  # an error, and a better one than "unknown block"
        return "ELSE" if previous == "RBRACE" or alone else None
    if word == "where":
        return "WHERE" if previous in LABELS and following in CONDITION_STARTS else None
    if following == "NAME":
        if word == "extends":
            return "EXTENDS" if previous in ENDS else None
        if word == "as":
            return "AS" if previous == "STRING" else None
    return None


def _separates(text: str, raw: list[Token], at: int, previous: str, brackets: list[str], mode: str) -> bool:
    """Whether this newline or `;` ends a statement; repeated ones and those beside braces do not."""
    if previous == "_SEP" or previous == "LBRACE":
        return False
    if raw[at].kind == "SEMI":
        return True
    if previous not in ENDS or (brackets and brackets[-1] != "LBRACE"):
        return False
    at += 1
    count = len(raw)
    while at < count and raw[at].kind == "NEWLINE":
        at += 1
    if at == count:
        return False
    following = raw[at]
    if following.kind == "LBRACE":
        return False
    return following.kind != "NAME" or not _continues(text, raw, at, previous, mode)


def _continues(text: str, raw: list[Token], at: int, previous: str, mode: str) -> bool:
    """Whether the word at the start of a line is an `extends`, `then` or `else` that belongs to the line before."""
    word = text[raw[at].start : raw[at].end]
    if word not in CONTINUES or (at + 1 < len(raw) and raw[at + 1].kind in ("EQ", "SETOP", "DOT")):
        return False
    if word == "extends" or word == "where":
        return mode is HEAD
    return mode is EXPRESSION or (word == "else" and previous == "RBRACE")


def _may_be_cpuset(out: list[Token], previous: str, brackets: list[str]) -> bool:
    if brackets and brackets[-1] != "LBRACE":
        return previous == "EQ" and len(out) > 1 and out[-2].kind == "NAME"
    return previous != "NAME" and previous != "DOT"


def _cpuset(raw: list[Token], at: int, end: int) -> tuple[int, int]:
    """Take in `, 8`, `, 0-3` and `, ^2` as long as they follow: the next index, and where the cpuset ends."""
    count = len(raw)
    while at < count and raw[at].kind == "COMMA":
        part = at + 1
        while part < count and raw[part].kind == "NEWLINE":
            part += 1
        if part < count and raw[part].kind == "CARET":
            part += 1
        if part >= count or raw[part].kind not in NUMBERS:
            break
        at, end = part + 1, raw[part].end
    return at, end


# ------------------------------------------------------------------------------------------------ depth

DEPTH = 200
OPENERS = frozenset({"LBRACE", "LPAR", "LSQB"})
OPERATORS = frozenset({"PIPE", "AMPERSAND", "PLUS", "MINUS", "STAR", "SLASH", "CMP", "AND", "OR", "NOT", "IN", "IF", "THEN", "ELSE"})


def too_deep(tokens: list[Token]) -> Token | None:
    """The first token that lies deeper than DEPTH, counting open brackets and the operators of the expressions around it.

    Later stages walk the tree by recursion; this bounds them.
    """
    if len(tokens) <= DEPTH:
        return None
    depth, operators = 0, [0]
    for token in tokens:
        kind = token.kind
        if kind == "COMMA" or kind == "_SEP":
            depth -= operators[-1]
            operators[-1] = 0
        elif kind in OPERATORS:
            depth += 1
            operators[-1] += 1
        elif kind in OPENERS:
            depth += 1
            operators.append(0)
        elif kind in CLOSERS and len(operators) > 1:
            depth -= 1 + operators.pop()
        if depth > DEPTH:
            return token
    return None
