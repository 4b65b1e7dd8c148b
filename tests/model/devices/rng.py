"""What libvirt's installed RELAX NG allows below `<devices>`: every place, and the words of those that have a closed list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lxml import etree

SCHEMAS = Path("/usr/share/libvirt/schemas")
_NS = "{http://relaxng.org/ns/structure/1.0}"
_DEPTH = 12
"""No element of a device lies deeper, but for the recursion of backing stores."""


@dataclass
class Allowed:
    """The values of one place; `open` where any of its occurrences is not a list of words."""

    words: set[str] = field(default_factory=set)
    open: bool = False


@cache
def defines() -> dict[str, list[etree._Element]]:
    """All named patterns of domain.rng and what it includes."""
    found: dict[str, list[etree._Element]] = {}
    queue, seen = ["domain.rng"], set()
    while queue:
        name = queue.pop()
        if name in seen:
            continue
        seen.add(name)
        for node in etree.parse(str(SCHEMAS / name)).iter(f"{_NS}define", f"{_NS}include"):
            if node.tag == f"{_NS}include":
                queue.append(node.get("href", ""))
            else:
                found.setdefault(node.get("name", ""), []).append(node)
    return found


@cache
def places() -> dict[str, Allowed]:
    """Place below `/domain/devices`, without conditions → what may stand there; `disk/@type`, `disk/serial`, `disk/readonly`."""
    found: dict[str, Allowed] = {}
    for node in defines()["devices"]:
        for element in node:
            _walk(element, (), found, ())
    return {path.removeprefix("devices/"): allowed for path, allowed in found.items()}


def _walk(node: etree._Element, path: tuple[str, ...], found: dict[str, Allowed], refs: tuple[str, ...]) -> None:
    kind = str(node.tag).removeprefix(_NS)
    if kind == "ref":
        name = node.get("name", "")
        if refs.count(name) < 2 and len(path) < _DEPTH:
            for target in defines().get(name, ()):
                for child in target:
                    _walk(child, path, found, (*refs, name))
    elif kind == "element" and node.get("name"):
        inner = (*path, node.get("name", ""))
        _leaf(node, "/".join(inner), found)
        for child in node:
            _walk(child, inner, found, refs)
    elif kind == "attribute" and node.get("name"):
        _values(node, found.setdefault("/".join((*path, f"@{node.get('name')}")), Allowed()))
    elif kind not in ("value", "data", "text", "param", "name"):
        for child in node:
            _walk(child, path, found, refs)


def _leaf(node: etree._Element, place: str, found: dict[str, Allowed]) -> None:
    """An element counts as a place of its own where it has text, or nothing at all."""
    values = [v for child in node for v in _patterns(child, elements=False)]
    if values:
        _values(node, found.setdefault(place, Allowed()))
    elif not any(True for child in node for _ in _nodes(child, ("element", "attribute"))):
        found.setdefault(place, Allowed(open=True))


def _values(node: etree._Element, allowed: Allowed) -> None:
    patterns = [v for child in node for v in _patterns(child, elements=False)]
    allowed.words |= {p.text or "" for p in patterns if p.tag == f"{_NS}value"}
    allowed.open |= not patterns or any(p.tag != f"{_NS}value" for p in patterns)


def _patterns(node: etree._Element, elements: bool) -> Iterator[etree._Element]:
    yield from _nodes(node, ("value", "data", "text"), stop=("element", "attribute"))


def _nodes(
    node: etree._Element, kinds: tuple[str, ...], stop: tuple[str, ...] = (), refs: tuple[str, ...] = ()
) -> Iterator[etree._Element]:
    kind = str(node.tag).removeprefix(_NS)
    if kind in kinds:
        yield node
    elif kind == "ref":
        name = node.get("name", "")
        if name not in refs:
            for target in defines().get(name, ()):
                for child in target:
                    yield from _nodes(child, kinds, stop, (*refs, name))
    elif kind not in stop:
        for child in node:
            yield from _nodes(child, kinds, stop, refs)
