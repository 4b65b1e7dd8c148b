"""libvirt's own RELAX NG: whether a domain meets it, and which part of it does not.

libxml2's messages about a RELAX NG (`Extra element devices in interleave`) do not say what is wrong, so the culprit is found by
taking parts out until the rest is valid.
"""

from __future__ import annotations

from copy import deepcopy
from itertools import combinations
from pathlib import Path
from typing import TypeAlias

from lxml import etree

from vmspec.base.record import record

INSTALLED = Path("/usr/share/libvirt/schemas")
"""Where libvirt's packages put them (libvirt0 of Debian, libvirt-libs of Fedora)."""
DOMAIN = "domain.rng"
MOST_PAIRS = 400
"""Pairs of parts that are tried where no single one is to blame: some 40 ms."""

Part: TypeAlias = "tuple[etree._Element, str]"
"""An element, and the name of one of its attributes or "" for the element itself."""


@record(frozen=True)
class Grammar:
    """One version of libvirt's schema."""

    folder: Path
    schema: etree.RelaxNG

    def valid(self, document: etree._Element) -> bool:
        return bool(self.schema.validate(document))


def load(folder: Path) -> Grammar | str:
    """The schema in a directory, or why there is none."""
    file = folder / DOMAIN
    if not file.is_file():
        return f"has no {DOMAIN}"
    try:
        return Grammar(folder, etree.RelaxNG(file=str(file)))
    except (etree.RelaxNGError, etree.XMLSyntaxError, OSError) as error:
        return f"has a {DOMAIN} that cannot be used: {str(error).partition(chr(10))[0]}"


def culprits(grammar: Grammar, document: etree._Element) -> list[tuple[etree._Element, str]]:
    """The smallest parts of an invalid document whose removal makes it valid, as parts of that document."""
    copy = deepcopy(document)
    original = dict(zip(copy.iter(), document.iter(), strict=True))
    return [(original[element], attribute) for element, attribute in _within(grammar, copy, copy)]


def _within(grammar: Grammar, root: etree._Element, node: etree._Element) -> list[Part]:
    """What is wrong inside a node of an invalid document; the node itself, where it is no part of it."""
    parts = _parts(node)
    for part in parts:
        if _valid_without(grammar, root, [part]):
            return _inside(grammar, root, part)
    together = parts if _valid_without(grammar, root, parts) else _pair(grammar, root, parts)
    if not together:
        return [(node, "")]
    return [found for part in _breaking(grammar, root, together) for found in _with_only(grammar, root, together, part)]


def _parts(node: etree._Element) -> list[Part]:
    """Attributes last: an element that is wrong as a whole would otherwise be blamed on its type."""
    children: list[Part] = [(child, "") for child in node if isinstance(child.tag, str)]
    return children + [(node, str(name)) for name in node.attrib]


def _inside(grammar: Grammar, root: etree._Element, part: Part) -> list[Part]:
    return [part] if part[1] else _within(grammar, root, part[0])


def _pair(grammar: Grammar, root: etree._Element, parts: list[Part]) -> list[Part]:
    for number, pair in enumerate(combinations(parts, 2)):
        if number >= MOST_PAIRS:
            break
        if _valid_without(grammar, root, list(pair)):
            return list(pair)
    return []


def _breaking(grammar: Grammar, root: etree._Element, parts: list[Part]) -> list[Part]:
    """Those of the parts that cannot be put back."""
    out: list[Part] = []
    for at, part in enumerate(parts):
        if not _valid_without(grammar, root, [*out, part, *parts[at + 1 :]]) or not _valid_without(grammar, root, [*out, *parts[at + 1 :]]):
            out.append(part)
    return out


def _with_only(grammar: Grammar, root: etree._Element, together: list[Part], part: Part) -> list[Part]:
    """What is wrong in one part, with the other ones out of the way."""
    undo = _take_out([other for other in together if other != part])
    try:
        return _inside(grammar, root, part)
    finally:
        _put_back(undo)


_Undo: TypeAlias = "list[tuple[etree._Element, str, str | None, etree._Element | None, int, str | None]]"


def _valid_without(grammar: Grammar, root: etree._Element, parts: list[Part]) -> bool:
    undo = _take_out(parts)
    try:
        return grammar.valid(root)
    finally:
        _put_back(undo)


def _take_out(parts: list[Part]) -> _Undo:
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
