"""Makes text safe for a terminal: escapes control characters, and computes display widths."""

from __future__ import annotations

import re

TAB = 4

# C0 and C1 controls, line and paragraph separators, zero-width and bidirectional controls (Unicode TR 36), lone surrogates.
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]")


def safe(text: str) -> str:
    """Escape every control character of a single-line text, so that no source can move the cursor or hide its text."""
    return text if text.isascii() and text.isprintable() else UNSAFE.sub(_spelled, text)


def safe_lines(text: str) -> str:
    """The same for a text of several lines."""
    return "\n".join(map(safe, text.split("\n")))


def _spelled(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{{{code:04x}}}"


def shown(line: str) -> str:
    """A source line as it is shown: tabs as spaces, control characters escaped."""
    return safe(line.replace("\t", " " * TAB))


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def width(text: str) -> int:
    """The number of terminal cells of a text that `shown` returned."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(0 if category(c) in ("Mn", "Me", "Cf") else 2 if east_asian_width(c) in "WF" else 1 for c in text)
