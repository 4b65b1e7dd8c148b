"""What came after the libvirt whose schema is here, and what its parser refuses of that: words of enumerations, elements known by name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeAlias

from lxml import etree

from vmspec.base.record import record
from vmspec.evaluate.hints import Word, words
from vmspec.model.block import Attr, Choice
from vmspec.model.domain import Domain
from vmspec.model.kind import ListOf, OneOf
from vmspec.model.target import Software, Version, version
from vmspec.validate.folders import DOMAIN
from vmspec.validate.relaxng_walk import Grammar

Words: TypeAlias = tuple[str, ...]
"""Elements from below the domain, and an attribute at the end where one is meant."""

BY_NAME = (("features",), ("features", "capabilities"), ("features", "hyperv"), ("features", "kvm"), ("features", "xen"))
"""Elements of whose children libvirt reads the names: `unsupported HyperV Enlightenment feature` (virDomainFeaturesDefParse and what it
calls, src/conf/domain_conf.c 9.0.0)."""


@record(frozen=True, slots=True)
class Later:
    """`shown`: the word in the language's terms, `audio.type = pipewire`. `refused`: whether libvirt refuses it where it reads it."""

    shown: str
    refused: bool


def refused(folder: Path, element: etree._Element, attribute: str) -> Later | None:
    """What the parser of the libvirt whose schema this is refuses at a place because it came later."""
    found = later_word(folder, element, attribute) or (None if attribute else later_element(folder, element))
    return found if found is not None and found.refused else None


def later_word(folder: Path, element: etree._Element, attribute: str = "") -> Later | None:
    """The first word at a place that the model has and the schema has not: in this attribute, else in any of the element or its text."""
    names = names_of(element)
    for name in (attribute,) if attribute else (*map(str, element.attrib), ""):
        text = str(element.get(name) if name else element.text or "").strip()
        found = _word(folder, (*names, name) if name else names, name, text) if text else None
        if found is not None:
            return found
    return None


def later_element(folder: Path, element: etree._Element) -> Later | None:
    """An element that the parser knows by its name, where the model has it and the schema has not."""
    *around, name = names_of(element) or ("",)
    if tuple(around) not in BY_NAME or has(folder, element):
        return None
    lines = by_place().get((*around, name)) or inside((*around, name))
    return Later(_plain(lines[0]), True) if lines else None


def has(folder: Path, element: etree._Element, attribute: str = "") -> bool:
    """Whether the schema has such an element, or such an attribute of it, anywhere at its place."""
    grammar = walked(folder)
    return grammar is None or grammar.has(tuple(name.rpartition(":")[2] for name in names_of(element)), attribute)


def _word(folder: Path, names: Words, attribute: str, text: str) -> Later | None:
    grammar = walked(folder)
    holder = next(_holders(names, attribute, text), None)
    if grammar is None or holder is None:
        return None
    allowed = grammar.words(names[:-1] if attribute else names, attribute)
    if allowed is None or text in allowed:
        return None
    line = holder.field.line
    return Later(f"{_plain(holder)} = {text}", not isinstance(line, Attr) or not line.unchecked)


def _holders(names: Words, attribute: str, text: str) -> Iterator[Word]:
    """The lines that have a word at a place."""
    for word in by_place().get(names, ()):
        kind = word.field.line.kind if isinstance(word.field.line, Attr) else None
        one = kind.item if isinstance(kind, ListOf) else kind
        if isinstance(one, OneOf) and text in one.words:
            yield word
    for word in by_place().get(names[:-1], ()) if attribute else ():
        chosen = isinstance(word.field.line, Choice) and word.field.line.on == f"@{attribute}"
        if chosen and text in [variant.when or variant.tag for variant in word.field.types]:
            yield word


def _plain(word: Word) -> str:
    """`disk.NAME.cache` without the label."""
    return ".".join(part.partition(" ")[0] for part in word.path if part != "NAME")


def names_of(element: etree._Element) -> Words:
    """Local names from below the domain."""
    up = (element, *element.iterancestors())
    steps = [etree.QName(each).localname if each.prefix is None else f"{each.prefix}:{etree.QName(each).localname}" for each in up]
    return tuple(reversed(steps))[1:]


@cache
def by_place() -> dict[Words, tuple[Word, ...]]:
    """The lines at each place."""
    found: dict[Words, list[Word]] = {}
    for word in words(Domain):
        found.setdefault(word.xml, []).append(word)
    return {place: tuple(some) for place, some in found.items()}


@cache
def inside(names: Words) -> tuple[Word, ...]:
    """The lines whose places lie at or below a place."""
    return tuple(word for word in words(Domain) if word.xml[: len(names)] == names)


@cache
def schema_version(folder: Path) -> Version:
    """The version of the libvirt whose schema it is, as far as the model's places tell: schemas do not say theirs."""
    grammar = walked(folder)
    if grammar is not None:
        for since, names, attribute in reversed(_dated()):
            if grammar.has(names[:-1] if attribute else names, names[-1] if attribute else ""):
                return since
    return ()


def outgrown(folder: Path, software: Software) -> bool:
    """Whether the libvirt that is meant is newer than the schema: it has a place that the schema has not."""
    have = schema_version(folder)
    return bool(have) and any(have < since <= software.libvirt for since, _, _ in _dated())


@cache
def _dated() -> tuple[tuple[Version, Words, bool], ...]:
    """The version that brought each place, that of the oldest of its lines; those from the beginning first."""
    return tuple(
        sorted((min(version(each.field.line.since) for each in lines), names, lines[0].attribute) for names, lines in by_place().items())
    )


@cache
def walked(folder: Path) -> Grammar | None:
    """The schema as a tree; None where it cannot be read."""
    try:
        return Grammar(folder / DOMAIN)
    except (OSError, ValueError):
        return None
