"""Raw parts of blocks on their way into XML: each goes to the longest path that the model knows, and makes the rest itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TypeAlias

from vmspec.emit.values import Values, escape_attribute
from vmspec.model.layout import Element, Scope

Raws: TypeAlias = dict[str, tuple[str, str]]
"""By element path: attributes and content that no line claims."""


def placed(env: Sequence[Values], scopes: Sequence[Scope], tree: Element) -> Raws | None:
    """The raw parts of these scopes' blocks, by paths of the tree; None where there are none, as almost always."""
    raws: Raws | None = None
    for each in scopes:
        parts: Mapping[str, str] | None = env[each.index].get("raw")
        if parts:
            raws = {} if raws is None else raws
            known = _paths(tree)
            for place, part in parts.items():
                _place(raws, f"{each.base.path}/{place}".strip("/"), part, known)
    return raws


@cache
def _paths(element: Element) -> frozenset[str]:
    """Of an element and of those below it."""
    return frozenset((element.path,)).union(*(_paths(child) for child in element.children if isinstance(child, Element)))


def indented(part: str, pad: str) -> str:
    """A part on a line of its own; what is inside it is not touched."""
    return f"{pad}{part.strip()}\n" if part.strip() else ""


def _place(raws: Raws, place: str, part: str, known: frozenset[str]) -> None:
    path, attribute = _split(place)
    missing: list[str] = []
    while path and path not in known:
        path, _, step = path.rpartition("/")
        missing.append(step)
    attributes, content = raws.get(path, ("", ""))
    text = _attribute(attribute, part) if attribute else ""
    if attribute and not missing:
        raws[path] = (attributes + text, content)
        return
    inner = "" if attribute else part
    for depth, step in enumerate(missing):
        inner = f"<{step}{text if depth == 0 else ''}>{inner}</{step}>"
    raws[path] = (attributes, content + inner)


def _split(place: str) -> tuple[str, str]:
    """The element's path, and the attribute after it. An `@` inside a step's condition is no attribute."""
    path, _, last = place.rpartition("/")
    if last.startswith("@"):
        return path, last[1:]
    return place, ""


def _attribute(name: str, text: str) -> str:
    if name.startswith("{"):
        uri, _, local = name[1:].partition("}")
        return f" xmlns:x='{escape_attribute(uri)}' x:{local}='{escape_attribute(text)}'"
    return f" {name}='{escape_attribute(text)}'"
