"""Kinds of value as simple types of XML Schema: every spelling that the kind reads, and as little more as XML Schema can say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import singledispatch

from vmspec.model.devices.kinds import LowerCase, MacText, SchemaWords, UuidText
from vmspec.model.kind import (
    Checked,
    Cpus,
    Either,
    Flag,
    Integer,
    Kind,
    ListOf,
    Measure,
    OneOf,
    OrTrue,
    Presence,
    WordFor,
    Words,
)

ANY = ""
"""Stands for any text."""


def words(texts: Iterable[str]) -> str:
    """One of these texts."""
    return _restriction("xs:string", "".join(f'<xs:enumeration value="{escape(text)}"/>' for text in dict.fromkeys(texts)))


def pattern(expression: str) -> str:
    return _restriction("xs:string", f'<xs:pattern value="{escape(expression)}"/>')


def _restriction(base: str, facets: str) -> str:
    return f'<xs:restriction base="{base}">{facets}</xs:restriction>'


def escape(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return text.replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")


@singledispatch
def forms(kind: Kind) -> tuple[str, ...]:
    """Restrictions one of which the text meets; `ANY` among them for any text."""
    return (ANY,)


@forms.register
def _(kind: Flag) -> tuple[str, ...]:
    return (words((kind.true, kind.false)),)


@forms.register
def _(kind: Presence) -> tuple[str, ...]:
    return (words(("",)),)


@forms.register
def _(kind: Integer) -> tuple[str, ...]:
    low = "" if kind.low is None else f'<xs:minInclusive value="{kind.low}"/>'
    high = "" if kind.high is None else f'<xs:maxInclusive value="{kind.high}"/>'
    return _restriction("xs:integer", low + high), pattern("0[xX][0-9a-fA-F]+")


@forms.register
def _(kind: OneOf) -> tuple[str, ...]:
    return (words(kind.words),)


@forms.register
def _(kind: Words) -> tuple[str, ...]:
    translated = _translated(kind.pattern)
    return (ANY if translated is None else pattern(translated),)


@forms.register
def _(kind: SchemaWords) -> tuple[str, ...]:
    return (ANY,)


@forms.register
def _(kind: LowerCase) -> tuple[str, ...]:
    return (pattern(kind.pattern.replace("a-f", "a-fA-F")),)


@forms.register
def _(kind: MacText) -> tuple[str, ...]:
    return (pattern("[a-fA-F0-9]{1,2}(:[a-fA-F0-9]{1,2}){5}"),)


@forms.register
def _(kind: UuidText) -> tuple[str, ...]:
    return (pattern(r"[a-fA-F0-9 \-]+"),)


@forms.register
def _(kind: Measure) -> tuple[str, ...]:
    return (_restriction("xs:nonNegativeInteger", ""),)


@forms.register
def _(kind: Cpus) -> tuple[str, ...]:
    return (pattern(r"[0-9\^,\- ]*"),)


@forms.register
def _(kind: WordFor) -> tuple[str, ...]:
    return (words((kind.stands_for,)),)


@forms.register
def _(kind: Checked) -> tuple[str, ...]:
    return forms(kind.base)


@forms.register
def _(kind: OrTrue) -> tuple[str, ...]:
    return (*forms(kind.base), words(("",)))


@forms.register
def _(kind: Either) -> tuple[str, ...]:
    return (*forms(kind.first), *forms(kind.second))


@forms.register
def _(kind: ListOf) -> tuple[str, ...]:
    return (ANY,) if kind.separator else forms(kind.item)


def units(kind: Kind) -> str:
    """The `unit` attribute beside a measure: any spelling of it, as libvirt does not look at case."""
    spellings = _spellings(kind)
    return pattern("|".join("".join(f"[{c.lower()}{c.upper()}]" if c.isalpha() else re.escape(c) for c in text) for text in spellings))


def _spellings(kind: Kind) -> tuple[str, ...]:
    match kind:
        case Measure():
            return tuple(kind.units) if kind.units is not None else (kind.unit,)
        case Checked() | OrTrue():
            return _spellings(kind.base)
        case Either():
            return (*_spellings(kind.first), *_spellings(kind.second))
        case _:
            return ()


_FOREIGN = re.compile(r"\(\?|\\[bBAZzG]|[*+?}]\?|\{,|(?<!\[)\^|\$|\\(?![-\\|.?*+(){}\[\]^nrtsSdDwW])")
"""What Python's expressions have and XML Schema's do not (XML Schema Part 2, appendix F)."""


def _translated(expression: str) -> str | None:
    """A pattern in XML Schema's expressions, which always match the whole text; None where it has no such form or says nothing."""
    if expression in (r"[\s\S]*", ".*"):
        return None
    plain = expression.replace("(?:", "(")
    return None if _FOREIGN.search(plain) else plain
