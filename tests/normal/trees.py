"""XML trees as the judge compares them: equal text, attributes and order of like siblings; the order of unlike siblings is free."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree


class Tree(NamedTuple):
    tag: str
    attributes: tuple[tuple[str, str], ...]
    text: str
    children: tuple[tuple[str, tuple[Tree, ...]], ...]

    def __str__(self) -> str:
        return f"<{self.tag} {' '.join(f'{k}={v!r}' for k, v in self.attributes)}>{self.text}"


def tree(element: etree._Element) -> Tree:
    groups: dict[str, list[Tree]] = {}
    for child in element:
        if isinstance(child.tag, str):
            groups.setdefault(child.tag, []).append(tree(child))
    attributes = tuple(sorted((str(k), str(v)) for k, v in element.attrib.items()))
    text = "" if groups else (element.text or "").strip()
    return Tree(str(element.tag), attributes, text, tuple((tag, tuple(groups[tag])) for tag in sorted(groups)))


def differing(ours: Tree, theirs: Tree, path: str = "") -> Iterator[str]:
    """Where two trees differ, one line a place."""
    mine, other = dict(ours.attributes), dict(theirs.attributes)
    for name in sorted({*mine, *other}):
        if mine.get(name) != other.get(name):
            yield f"{path}/@{name}: predicted {mine.get(name)!r}, is {other.get(name)!r}"
    if ours.text != theirs.text:
        yield f"{path}: predicted {ours.text!r}, is {theirs.text!r}"
    left, right = dict(ours.children), dict(theirs.children)
    for tag in sorted({*left, *right}):
        yield from _alike(left.get(tag, ()), right.get(tag, ()), f"{path}/{tag}")


def _alike(ours: tuple[Tree, ...], theirs: tuple[Tree, ...], path: str) -> Iterator[str]:
    for one, other in zip(ours, theirs, strict=False):
        if one != other:
            yield from differing(one, other, path)
    yield from (f"{path}: predicted {each}, is not there" for each in ours[len(theirs) :])
    yield from (f"{path}: {each} was not predicted" for each in theirs[len(ours) :])
