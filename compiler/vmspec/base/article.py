"""The indefinite article before a word that is not known beforehand."""

from __future__ import annotations


def with_article(word: str) -> str:
    """`a disk`, `an env`; of words that begin with u (usb, udp, user) those that are names in messages begin with a consonant's sound."""
    return f"{'an' if word[:1].lower() in ('a', 'e', 'i', 'o') else 'a'} {word}"
