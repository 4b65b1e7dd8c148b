"""Parses untrusted JSON with a limit on nesting: Python's own parser recurses in C and can overflow the stack."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TypeAlias

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
"""A value of JSON; we write no fractions."""
DEEPEST = 64
"""The deepest nesting that is accepted. Our own files and facts of hosts nest about 8 deep."""
LONGEST_NUMBER = 100
"""Digits and sign of the longest whole number that is accepted."""
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


class TooDeepError(ValueError):
    """Lists and objects are nested more than DEEPEST deep."""


def loads(text: str, pairs: Callable[[list[tuple[str, object]]], object] | None = None) -> object:
    """Parse JSON; `pairs` builds an object from its entries. A fraction is the text that stands there.

    Raises ValueError: TooDeepError, json.JSONDecodeError with the position, or one that says what is wrong.
    """
    if _may_be_deep(text) and _is_deep(text):
        raise TooDeepError("it is nested too deeply")
    found: object = json.loads(text, object_pairs_hook=pairs or _once, parse_constant=_no_constant, parse_int=_integer, parse_float=str)
    return found


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object of JSON; Python's parser would keep the last of two entries of one name without a word."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for at, (name, _) in enumerate(pairs) if any(name == other for other, _ in pairs[:at]))
        raise ValueError(f"it says {json.dumps(twice)} twice")
    return found


def _no_constant(name: str) -> object:
    raise ValueError(f"it is not JSON: {name} is no number of it")


def _integer(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"it has a number of {len(text)} digits")
    return int(text)


def _may_be_deep(text: str) -> bool:
    """A fast pre-check for large files; it also counts brackets inside strings."""
    left = text.encode("utf-8", "surrogatepass").translate(None, _NOT_BRACKETS)
    for _ in range(DEEPEST):
        shorter = left.replace(b"{}", b"").replace(b"[]", b"")
        if len(shorter) == len(left):
            break
        left = shorter
    return bool(left)


def _is_deep(text: str) -> bool:
    depth = 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in ("[", "{"):
            depth += 1
            if depth > DEEPEST:
                return True
        elif token in ("]", "}"):
            depth -= 1
    return False
