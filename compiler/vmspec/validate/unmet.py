"""What libvirt's schema has against a setting, in the words of the language: a newer feature than it knows, a part that is missing, or a
value that it does not take there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import combinations, islice
from typing import NamedTuple

from lxml import etree

from vmspec.base.record import record
from vmspec.evaluate.hints import Word
from vmspec.model.block import Attr
from vmspec.model.kind import Anything, Kind, ListOf, OneOf, Parts, Problem, Text
from vmspec.model.target import version
from vmspec.validate.later import Words, by_place, has, inside, later_word, names_of
from vmspec.validate.relaxng import RelaxNG

MOST_WORDS = 8
"""Words of an enumeration that are tried."""
MOST_PAIRS = 60
"""Pairs of missing parts that are tried: some 60 ms."""
TEXTS = ("x", "/x", "1", "0x1", "yes", "52:54:00:00:00:01", "10.0.0.1", "8d6cbd4d-2c3f-4d6e-9e3a-0c1d2e3f4a5b", "0000:00:00.0")
"""Tried as the text of a feature that may be missing, until its kind takes one."""


class TrialPart(NamedTuple):
    """A feature put into a block's element on trial: the elements down to it, its text, its attributes."""

    steps: Words
    text: str
    attributes: Mapping[str, str]


@record(frozen=True, slots=True)
class Objection:
    """`since`: of a feature that is newer than the schema, the version that brought it ("" where no document says it). `word`: how the
    language calls what is at the place; "" where no line stands there. `missing`: the words of what would make it whole."""

    word: str
    newer: bool = False
    since: str = ""
    missing: tuple[str, ...] = ()


def objection(grammar: RelaxNG, document: etree._Element, element: etree._Element, attribute: str, alone: bool) -> Objection:
    """Why a part of a domain is refused, alone or with others. The document is as it was afterwards."""
    names = (*names_of(element), *((attribute,) if attribute else ()))
    found = _at(names)
    word = found.shown if found is not None else ""
    if names and not has(grammar.folder, element, attribute):
        return Objection(word, True, _since(names))
    inside = element.iterdescendants(etree.Element) if not attribute else ()
    later = later_word(grammar.folder, element, attribute) or next(filter(None, (later_word(grammar.folder, e) for e in inside)), None)
    if later is not None:
        return Objection(later.shown, True)
    return Objection(word, missing=tuple(_missing(grammar, document, element)) if not attribute or not alone else ())


def _at(names: Words) -> Word | None:
    """The line that stands at a place, or else the first of what lies below it."""
    here = by_place().get(names) or inside(names)
    return here[0] if here else None


def _since(names: Words) -> str:
    """The version that brought a place: that of its line, or the first of what lies below it; "" where no document says it."""
    lines = [word.field.line.since for word in (by_place().get(names) or inside(names))]
    return min((since for since in lines if since), key=version, default="")


def _missing(grammar: RelaxNG, document: etree._Element, element: etree._Element) -> Iterator[str]:
    """The first one or two features of a block with which the schema takes it."""
    names = names_of(element)
    options = [(word, part) for word in _below(names, element.get("protocol", "")) for part in _trials(word, len(names))]
    for word, part in options:
        if _with(grammar, document, element, [part]):
            yield _own_name(word)
            return
    for (first, one), (second, two) in islice(combinations(options, 2), MOST_PAIRS):
        if _with(grammar, document, element, [one, two]):
            yield from (_own_name(first), _own_name(second))
            return


def _own_name(word: Word) -> str:
    """The name of a feature in its block or call."""
    return word.path[-1].partition("(")[2].partition(" =")[0] or word.path[-1].partition(" ")[0]


def _below(names: Words, tag: str) -> Iterator[Word]:
    """What a block says in attributes, and in elements one step below, each place once; of several kinds of source, that of this tag."""
    seen: set[Words] = set()
    for word in sorted(inside(names), key=lambda word: f" {tag}(" not in word.shown):
        inner = word.xml[len(names) :]
        if 0 < len(inner) <= 2 and inner not in seen and isinstance(word.field.line, Attr):
            seen.add(inner)
            yield word


def _trials(word: Word, above: int) -> Iterator[TrialPart]:
    """What a feature may look like below its block's element."""
    inner = word.xml[above:]
    kind: Kind | None = word.field.line.kind if isinstance(word.field.line, Attr) else None
    item = kind.item if isinstance(kind, ListOf) else kind
    if isinstance(item, Parts):
        texts = (text for text in TEXTS if not isinstance(item.read(text), Problem))
        yield from (TrialPart(inner, "", item.to_parts(text)) for text in islice(texts, 1))
    elif item is not None and not isinstance(item, Anything):
        read = (item.from_xml(Text(text)) for text in TEXTS)
        fitting = item.words if isinstance(item, OneOf) else (item.text(value) for value in read if value is not None)
        for text in islice(fitting, MOST_WORDS if isinstance(item, OneOf) else 1):
            yield TrialPart(inner[:-1], "", {inner[-1]: text}) if word.attribute else TrialPart(inner, text, {})


def _with(grammar: RelaxNG, document: etree._Element, element: etree._Element, parts: list[TrialPart]) -> bool:
    """Whether the document is valid with these parts put in; they are taken out again."""
    if any(":" in name for part in parts for name in part.steps):
        return False
    before = deepcopy(element)
    for part in parts:
        at = element
        for name in part.steps:
            at = below if (below := at.find(name)) is not None else etree.SubElement(at, name)
        at.text = part.text or at.text
        for name, text in part.attributes.items():
            at.set(name, at.get(name) or text)
    valid = grammar.valid(document)
    element.clear(keep_tail=True)
    element.attrib.update(before.attrib)
    element.text = before.text
    element.extend(list(before))
    return valid
