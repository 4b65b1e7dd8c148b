"""Redacts secrets: values given to a deploy, and passwords in definitions and sources, from any text that is shown.

Nothing of ours puts them into a text. What others say of them (libvirt quotes the line of a definition that it does not understand, an
exception the value that it is about) passes through here before anybody sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from vmspec.base.secret_literals import Names, names_in, secrets_in
from vmspec.base.source import Source

HIDDEN = "(secret)"
_PASSWORDS = re.compile(rb"(\bpasswd\s*=\s*)('[^']*'|\"[^\"]*\")")
_IN_TEXT = re.compile(r"(\bpasswd\s*\??=\s*)('[^'\n]*'?|\"(?:\\.|[^\"\\\n])*\"?)")
_HIDES = re.compile(r"[^\r\n]")
_known: set[str] = set()
_written: set[str] = set()
"""Password literals of the sources."""
_names = Names()
_covered: dict[int, tuple[Source, Source]] = {}
"""By identity of a source: the source and its redacted text."""
SHORT = 4
"""A shorter value is left in: in words of others it stands for itself as a rule, and each place where it is missing would tell of it."""


def remember(values: Iterable[str]) -> None:
    """Redact these values from now on, as long as the process lives."""
    for value in values:
        _known.update(text for text in (value, escape(value), repr(value)[1:-1]) if len(value) >= SHORT)


def unspoken(text: str) -> str:
    """Redact every known secret from a text."""
    for value in sorted(_known, key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    for value in sorted(_written, key=len, reverse=True):
        if value in text:
            text = re.sub(_form(value), HIDDEN, text)
    return _IN_TEXT.sub(rf"\1{HIDDEN}", text) if "passwd" in text else text


def _form(value: str) -> str:
    """How a secret stands in a message: as a whole word; a short one only in quotes."""
    inner = re.escape(value)
    return rf"(?<!\w){inner}(?!\w)" if len(value) >= SHORT else rf"(?<=[\"'`]){inner}(?=[\"'`])"


def without_passwords(definition: bytes) -> bytes:
    """Remove passwords from a definition before it is hashed: libvirt shows it without them to a read-only client."""
    return _PASSWORDS.sub(rb"\1''", definition) if b"passwd" in definition else definition


def learn(text: str) -> None:
    """Redact the passwords that a source contains, and those behind the names that lead to them, from now on."""
    global _names
    found = names_in(text)
    _names = Names(_names.variables | found.variables, _names.profiles | found.profiles)
    for start, end in secrets_in(text, _names):
        written = text[start:end]
        _written.update((written, written.replace('\\"', '"').replace("\\\\", "\\"), written.lstrip("0123456789")))
    _written.discard("")


def has_password(source: str) -> bool:
    """Whether a source contains a password literal."""
    return next(secrets_in(source, names_in(source)), None) is not None


def covered(text: str) -> str:
    """Redact the text of a source, or a part of it, for an excerpt; width and quotes are kept."""
    for start, end in secrets_in(text, _names):
        text = text[:start] + _HIDES.sub("*", text[start:end]) + text[end:]
    return text


def covered_line(source: Source, line: int) -> str:
    """A redacted line of a source, counted from 1; lines around it decide what is a password."""
    known = _covered.get(id(source))
    if known is None or known[0] is not source:
        known = _covered[id(source)] = source, Source(source.path, covered(source.text))
    return known[1].line_text(line)
