"""Finds password literals in the text of a source, valid or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from vmspec.base.record import field, record

WORD = re.compile(r"pas+wo?r?d?s?|passphrase|pwd|pw", re.IGNORECASE)
"""A setting or a variable by this name, misspelt or in the words of others too, holds a password."""
_QUICK = re.compile(r"pas+w|passphrase|\bpwd\b|\bpw\b", re.IGNORECASE)
_TOKEN = re.compile(
    r'#[^\n]*|"""(?:\\.|[^\\])*?(?:"""|\Z)|"(?:\\.|[^"\\\n])*"?|\'[^\'\n]*\'?|\$?\w[\w-]*|\n|[=!<>?+-]=|.',
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""\bpasswd\s*=\s*('[^']*'?|"[^"]*"?)""")
"""In XML."""
_GIVEN = re.compile(r"(?i:\b(?:pas+wo?r?d?s?|passphrase)\b)\s*\??=\s*\$([\w-]+)")
_PROFILE = re.compile(r"\bprofile\s+([\w-]+)\s*\(([^)]*)\)")
_VARIABLE = re.compile(r"\$([\w-]+)")
_GOES_ON = ("=", "?=", "+=", "-=", "==", "!=", "+", ",", "(", "[", "if", "then", "else", "and", "or", "not")
"""What a line cannot end with."""
_ASSIGNS = ("=", "?=", "+=")
_NO_SECRET = ("if", "not", "self", "secret", "none", "true", "false", "string")
"""Bare words that stand where a password would, and are none."""


class Inside(NamedTuple):
    """The character range of a secret, without its quotes."""

    start: int
    end: int


class Names(NamedTuple):
    """The variables and profile parameters that carry passwords."""

    variables: frozenset[str] = frozenset()
    profiles: frozenset[str] = frozenset()


@record(slots=True)
class _Statement:
    """What has been seen of a statement. `asserts`: after its last comma there is a message to people."""

    head: str = ""
    secret: bool = False
    within: bool = False
    """In brackets: of a call, an argument is a password, and the other words of the statement are none."""
    asserts: bool = False
    depth: int = 0
    last: str = ""
    literals: list[tuple[Inside, bool, bool]] = field(default_factory=list)
    """Each, whether it is in the message of an assertion, and whether it is an argument that is a password."""


def names_in(text: str) -> Names:
    """Collect the variables that a text uses for passwords, and the profiles that take one."""
    if _QUICK.search(text) is None:
        return Names()
    variables = frozenset(_GIVEN.findall(text))
    profiles = (found[1] for found in _PROFILE.finditer(text) if any(_is_secret(name, variables) for name in _VARIABLE.findall(found[2])))
    return Names(variables, frozenset(profiles))


def _is_secret(name: str, variables: frozenset[str]) -> bool:
    return name in variables or WORD.fullmatch(name) is not None


def secrets_in(text: str, names: Names = Names()) -> Iterator[Inside]:  # noqa: B008 - a tuple
    """The secrets of a text in order; none overlaps another."""
    if _QUICK.search(text) is None and not any(name in text for some in names for name in some):
        return
    if text.lstrip().startswith("<"):
        yield from (_unquoted(found[1], found.start(1)) for found in _ATTRIBUTE.finditer(text))
        return
    now = _Statement()
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token.isspace() and token != "\n":
            continue
        if token.startswith("#"):
            if _QUICK.search(token):
                yield from _moved(token, found.start(), names)
            continue
        if token in ("{", "}", ";") or (token == "\n" and now.depth <= 0 and now.last not in _GOES_ON):
            yield from _of(now)
            now = _Statement()
            continue
        if token != "\n":
            _see(now, token, found.start(), text, names)
    yield from _of(now)


def _moved(comment: str, at: int, names: Names) -> Iterator[Inside]:
    """In a comment, which may be a statement that is switched off."""
    return (Inside(each.start + at, each.end + at) for each in secrets_in(comment.replace("#", " "), names))


def _see(now: _Statement, token: str, at: int, text: str, names: Names) -> None:
    if token[0] in "\"'":
        _literal(now, _unquoted(token, at))
    elif token in "([":
        now.depth += 1
    elif token in ")]":
        now.depth -= 1
        now.within = now.within and now.depth > 0
    elif (token == "," and now.depth <= 0 and now.head == "assert") or (token == ":" and now.head == "require"):
        now.asserts = True
    elif token[0].isalnum() or token[0] in "_$":
        _word(now, token, at, text, names)
    now.last = token


def _word(now: _Statement, token: str, at: int, text: str, names: Names) -> None:
    after = text[at + len(token) : at + len(token) + 1]
    if now.last in _ASSIGNS and token[0] != "$" and token not in _NO_SECRET and after != "(":
        _literal(now, Inside(at, at + len(token)))
    name = token.lstrip("$")
    leads = WORD.fullmatch(name) is not None or (name in names.variables and (now.head in ("let", "param") or now.depth > 0))
    now.secret |= leads and now.depth <= 0
    now.within |= (leads and now.depth > 0) or (name in names.profiles and after == "(")
    now.head = now.head or token


def _literal(now: _Statement, inside: Inside) -> None:
    now.literals.append((inside, now.asserts, now.within))


def _of(statement: _Statement) -> Iterator[Inside]:
    for inside, told, within in statement.literals:
        if (within or (statement.secret and not told)) and inside.end > inside.start:
            yield inside


def _unquoted(literal: str, at: int) -> Inside:
    quotes = '"""' if literal.startswith('"""') else literal[0]
    end = len(literal) - (len(quotes) if len(literal) > len(quotes) and literal.endswith(quotes) else 0)
    return Inside(at + len(quotes), at + end)
