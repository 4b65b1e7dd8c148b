"""What may be the label of a block and the key of an open map: both become paths of the language and text of XML."""

from __future__ import annotations

from vmspec.model.value import unwritable

LONGEST = 200
DIGITS = 6
"""Of a block that is labelled by its number."""


def bad_label(text: str) -> str | None:
    """Why a text cannot be a label; None if it can."""
    if not text:
        return "is empty"
    if "*" in text:
        return "has a `*`: the only wildcard is a lone `*`"
    if len(text) > LONGEST:
        return f"is longer than {LONGEST} characters"
    wrong = unwritable(text)
    if wrong is not None:
        return f"has the character {wrong} in it, which XML cannot hold"
    return "has a control character" if any(ord(c) < 32 or ord(c) == 127 for c in text) else None


def is_number(text: str) -> bool:
    """Whether a text can be the number of a block, such as a vCPU's."""
    return text.isdigit() and text.isascii() and len(text) <= DIGITS


def is_key(text: str) -> bool:
    """Whether a text can be the key of an open map: a line of text that is not empty, of characters that XML can hold."""
    return bool(text) and not any(ord(c) < 32 for c in text) and not unwritable(text)
