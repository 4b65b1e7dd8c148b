"""What this process knows and must not say: the values that a deploy was given, and the passwords in definitions.

Nothing of ours puts them into a text. What others say of them (libvirt quotes the line of a definition that it does not understand, an
exception the value that it is about) passes through here before anybody sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

HIDDEN = "(secret)"
_PASSWORDS = re.compile(rb"(\bpasswd\s*=\s*)('[^']*'|\"[^\"]*\")")
_IN_TEXT = re.compile(r"(\bpasswd\s*\??=\s*)('[^'\n]*'?|\"(?:\\.|[^\"\\\n])*\"?)")
_known: set[str] = set()
SHORT = 4
"""A shorter value is left in: in words of others it stands for itself as a rule, and each place where it is missing would tell of it."""


def remember(values: Iterable[str]) -> None:
    """For as long as the process lives."""
    for value in values:
        _known.update(text for text in (value, escape(value), repr(value)[1:-1]) if len(value) >= SHORT)


def unspoken(text: str) -> str:
    """The words of others without any of it."""
    for value in sorted(_known, key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    return _IN_TEXT.sub(rf"\1{HIDDEN}", text) if "passwd" in text else text


def without_passwords(definition: bytes) -> bytes:
    """A definition as far as others may know it, for a hash: libvirt shows it so to who may only read."""
    return _PASSWORDS.sub(rb"\1''", definition) if b"passwd" in definition else definition


def has_password(source: str) -> bool:
    """Whether a source sets a password to a text of its own, for whichever build."""
    return "passwd" in source and any(len(found[2]) > 2 for found in _IN_TEXT.finditer(source))


def covered(line: str) -> str:
    """A line of a source for an excerpt, as wide as it is."""
    return _IN_TEXT.sub(lambda m: m[1] + m[2][0] + "*" * (len(m[2]) - 1), line) if "passwd" in line else line
