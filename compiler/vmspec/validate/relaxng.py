"""libvirt's own RELAX NG: whether a domain meets it, and which part of it does not.

libxml2's messages about a RELAX NG (`Extra element devices in interleave`) do not say what is wrong, so the culprit is found by
taking parts out until the rest is valid.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TypeAlias

from lxml import etree

from vmspec.base.record import record
from vmspec.validate.folders import DOMAIN

NEEDED = ("name", "memory", "os")
"""What no domain is without."""
MOST_PAIRS = 400
"""Pairs of parts that are tried where no single one is to blame: some 40 ms."""
WORK = 2_000_000
"""Elements and attributes that all tries together validate: a few seconds."""
MOST_ATTRIBUTES = 1_000
"""Of one element. libxml2's time for a schema with wildcards grows with the square of their number; domains have about ten."""
FEWEST_TRIES = 100
"""Whatever the size of the document."""

SchemaPart: TypeAlias = "tuple[etree._Element, str]"
"""An element, and the name of one of its attributes or "" for the element itself."""


@record(frozen=True)
class RelaxNG:
    """One version of libvirt's schema."""

    folder: Path
    schema: etree.RelaxNG

    def valid(self, document: etree._Element) -> bool:
        return _crowded(document) is None and bool(self.schema.validate(document))


def load(folder: Path, name: str = DOMAIN) -> RelaxNG | str:
    """The schema in a directory, or why there is none."""
    file = folder / name
    if not file.is_file():
        return f"has no {name}"
    try:
        return RelaxNG(folder, etree.RelaxNG(file=str(file)))
    except (etree.RelaxNGError, etree.XMLSyntaxError, OSError) as error:
        return f"has a {name} that cannot be used: {str(error).partition(chr(10))[0]}"


@cache
def load_once(folder: Path, name: str) -> RelaxNG | str:
    """The same, remembered: of the grammars of what is no domain."""
    return load(folder, name)


def _crowded(document: etree._Element) -> etree._Element | None:
    """The first element with more attributes than are looked at."""
    return next((element for element in document.iter(etree.Element) if len(element.attrib) > MOST_ATTRIBUTES), None)


@record
class _Search:
    """An invalid document, and how many more times it may be validated with parts of it taken out."""

    grammar: RelaxNG
    root: etree._Element
    tries: int

    def valid_without(self, parts: list[SchemaPart]) -> bool:
        """False also where there are no more tries."""
        self.tries -= 1
        if self.tries < 0:
            return False
        undo = _take_out(parts)
        try:
            return self.grammar.valid(self.root)
        finally:
            _put_back(undo)


def culprits(grammar: RelaxNG, document: etree._Element) -> list[tuple[etree._Element, str]]:
    """The smallest parts of an invalid document whose removal makes it valid, as parts of that document.

    Of a document so large that trying each of its parts would take minutes, the smallest that was found in the time.
    """
    crowded = _crowded(document)
    if crowded is not None:
        return [(crowded, "")]
    copy = deepcopy(document)
    original = dict(zip(copy.iter(), document.iter(), strict=True))
    size = sum(1 + len(element.attrib) for element in copy.iter(etree.Element))
    search = _Search(grammar, copy, max(FEWEST_TRIES, WORK // size))
    return [(original[element], attribute) for element, attribute in _within(search, copy)]


def _within(search: _Search, node: etree._Element) -> list[SchemaPart]:
    """What is wrong inside a node of an invalid document; the node itself, where it is no part of it."""
    parts = _parts(node)
    for part in parts:
        if search.valid_without([part]):
            return _inside(search, part)
    together = next((some for some in (parts, _optional(parts)) if search.valid_without(some)), None) or _pair(search, parts)
    breaking = _breaking(search, together)
    if not breaking or search.tries < 0:
        return _needed(search, node, parts) if node is search.root and search.tries > 0 else [(node, "")]
    return [found for part in breaking for found in _with_only(search, together, part)]


def _needed(search: _Search, root: etree._Element, parts: list[SchemaPart]) -> list[SchemaPart]:
    """What is wrong in the parts that no domain is without, and then in the others."""
    undo = _take_out(_optional(parts))
    try:
        inside = [found for child in root for found in _within(search, child) if found[0] is not child]
    finally:
        _put_back(undo)
    if not inside:
        return [(root, "")]
    undo = _take_out(inside)
    try:
        return inside if search.grammar.valid(root) else [*inside, *_within(search, root)]
    finally:
        _put_back(undo)


def _parts(node: etree._Element) -> list[SchemaPart]:
    """Attributes last: an element that is wrong as a whole would otherwise be blamed on its type."""
    children: list[SchemaPart] = [(child, "") for child in node if isinstance(child.tag, str)]
    return children + [(node, str(name)) for name in node.attrib]


def _optional(parts: list[SchemaPart]) -> list[SchemaPart]:
    """Those without which a domain can be: each of several wrong ones shows when all of them are out."""
    return [(element, attribute) for element, attribute in parts if element.tag not in NEEDED and attribute != "type"]


def _inside(search: _Search, part: SchemaPart) -> list[SchemaPart]:
    return [part] if part[1] else _within(search, part[0])


def _pair(search: _Search, parts: list[SchemaPart]) -> list[SchemaPart]:
    for number, pair in enumerate(combinations(parts, 2)):
        if number >= MOST_PAIRS:
            break
        if search.valid_without(list(pair)):
            return list(pair)
    return []


def _breaking(search: _Search, parts: list[SchemaPart]) -> list[SchemaPart]:
    """Those of the parts that cannot be put back."""
    out: list[SchemaPart] = []
    for at, part in enumerate(parts):
        if search.tries < 0:
            break
        if not search.valid_without([*out, part, *parts[at + 1 :]]) or not search.valid_without([*out, *parts[at + 1 :]]):
            out.append(part)
    return out


def _with_only(search: _Search, together: list[SchemaPart], part: SchemaPart) -> list[SchemaPart]:
    """What is wrong in one part, with the other ones out of the way."""
    undo = _take_out([other for other in together if other != part])
    try:
        return _inside(search, part)
    finally:
        _put_back(undo)


_Undo: TypeAlias = "list[tuple[etree._Element, str, str | None, etree._Element | None, int, str | None]]"


def _take_out(parts: list[SchemaPart]) -> _Undo:
    undo: _Undo = []
    for element, attribute in parts:
        if attribute:
            undo.append((element, attribute, element.attrib.pop(attribute), None, 0, None))
            continue
        parent = element.getparent()
        assert parent is not None
        undo.append((element, "", None, parent, parent.index(element), element.tail))
        parent.remove(element)
    return undo


def _put_back(undo: _Undo) -> None:
    for element, attribute, value, parent, at, tail in reversed(undo):
        if value is not None:
            element.set(attribute, value)
        elif parent is not None:
            parent.insert(at, element)
            element.tail = tail
