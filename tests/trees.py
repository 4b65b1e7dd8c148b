"""XML compared as trees: order of like siblings counts, that of unlike ones does not; white space between elements and comments do not."""

from __future__ import annotations

from typing import Any

from lxml import etree


def tree(element: etree._Element) -> tuple[Any, ...]:
    """Equal for elements that say the same."""
    groups: dict[str, list[Any]] = {}
    for child in element:
        if isinstance(child.tag, str):
            groups.setdefault(child.tag, []).append(tree(child))
    text = element.text or ""
    text = "" if not text.strip() else text.strip() if groups else text
    return (element.tag, tuple(sorted(element.attrib.items())), text, tuple(sorted((tag, tuple(group)) for tag, group in groups.items())))


def difference(left: tuple[Any, ...], right: tuple[Any, ...], path: str = "") -> str:
    """Where two trees part, for people."""
    path = f"{path}/{left[0]}"
    if left[:3] != right[:3]:
        return f"{path}: {left[1:3]} is {right[1:3]}"
    ours, theirs = dict(left[3]), dict(right[3])
    for tag in ours.keys() | theirs.keys():
        if len(ours.get(tag, ())) != len(theirs.get(tag, ())):
            return f"{path}: {len(ours.get(tag, ()))} {tag} are {len(theirs.get(tag, ()))}"
    pairs = (pair for tag in ours for pair in zip(ours[tag], theirs[tag], strict=True))
    return next((difference(a, b, path) for a, b in pairs if a != b), f"{path}: equal")


def places(element: etree._Element) -> int:
    """Elements and attributes, this one's own included."""
    return sum(1 + len(each.attrib) for each in element.iter() if isinstance(each.tag, str))
