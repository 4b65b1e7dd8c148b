"""XML compared as trees: the order of like siblings counts; that of unlike ones, white space between elements and comments do not."""

from __future__ import annotations

from typing import TypeAlias

from lxml import etree

ComparableTree: TypeAlias = tuple[str, tuple[tuple[str, str], ...], str, tuple[tuple[str, tuple["ComparableTree", ...]], ...]]
"""Tag, attributes, text, and children by tag."""


def says_the_same(one: str, other: str) -> bool:
    """Of two documents that we have written."""
    return one == other or tree(etree.fromstring(one.encode())) == tree(etree.fromstring(other.encode()))


def tree(element: etree._Element) -> ComparableTree:
    """Equal for elements that say the same."""
    groups: dict[str, list[ComparableTree]] = {}
    for child in element:
        if isinstance(child.tag, str):
            groups.setdefault(child.tag, []).append(tree(child))
    text = element.text or ""
    text = "" if not text.strip() else text.strip() if groups else text
    attributes = tuple(sorted((str(name), str(value)) for name, value in element.attrib.items()))
    return str(element.tag), attributes, text, tuple(sorted((tag, tuple(group)) for tag, group in groups.items()))
