"""XML as a tree that is equal where two texts say the same.

The order of siblings of one name counts. That of siblings of different names, namespace prefixes, comments and white space between elements
do not.
"""

from __future__ import annotations

from typing import NamedTuple
from xml.parsers import expat


class XmlTree(NamedTuple):
    """An element by what it says; names carry their namespace."""

    name: str
    attributes: tuple[tuple[str, str], ...]
    text: str
    children: tuple[tuple[str, tuple[XmlTree, ...]], ...]
    """By name, in the order of the names."""


def xml_tree(part: str) -> XmlTree:
    """The tree of one or more elements, below a root of its own. The text is one that has been parsed before, so it is well-formed."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    levels: list[tuple[list[str], dict[str, list[XmlTree]]]] = [([], {})]
    opened: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        opened.append((name, attributes))
        levels.append(([], {}))

    def end(_: str) -> None:
        node = _node(*opened.pop(), *levels.pop())
        levels[-1][1].setdefault(node.name, []).append(node)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = lambda text: levels[-1][0].append(text)
    parser.Parse(f"<part>{part}</part>", True)
    return levels[0][1]["part"][0]


def _node(name: str, attributes: dict[str, str], texts: list[str], children: dict[str, list[XmlTree]]) -> XmlTree:
    text = "".join(texts)
    stripped = text.strip()
    # Beside elements white space is layout; in an element that holds a text alone it may be meant.
    said = stripped if children or not stripped else text
    return XmlTree(name, tuple(sorted(attributes.items())), said, tuple(sorted((each, tuple(nodes)) for each, nodes in children.items())))
