"""What reading a document gathers: the features of the block at hand, and what is kept beside the blocks."""

from __future__ import annotations

from typing import Any, TypeAlias

from lxml import etree

from vmspec.base.provenance import Path
from vmspec.base.record import field as filled
from vmspec.base.record import record
from vmspec.model.block import Block, Choice, Field
from vmspec.model.layout import Layout, Scope

Xml: TypeAlias = etree._Element


@record
class ReadingSession:
    """What reading one document gathers beside the blocks."""

    lines: dict[Path, int] = filled(default_factory=dict)
    """The line of every feature and block, by path."""
    untyped: list[tuple[Path, str, str]] = filled(default_factory=list)
    """Raw parts: the block, the place, and the part."""
    comments: list[tuple[str, Xml]] = filled(default_factory=list)
    """Comments, and text between elements, which libvirt passes over: each with the element that it stands before, or else in."""
    paths: dict[Xml, Path] = filled(default_factory=dict)
    """The path of every element, as far as one is known; for comments."""


@record
class ReadingFrame:
    """The features of the block that is being read, and of those folded into it, by scope."""

    made: Layout
    session: ReadingSession
    path: Path
    active: set[int]
    values: dict[int, dict[str, Any]] = filled(default_factory=dict)
    chosen: dict[tuple[int, str], type[Block]] = filled(default_factory=dict)
    raws: dict[str, str] = filled(default_factory=dict)
    repeated: dict[int, dict[str, ReadingFrame]] = filled(default_factory=dict)
    sequences: dict[int, list[list[str]]] = filled(default_factory=dict)

    def where(self, scope: int, name: str = "") -> Path:
        """The path of a feature of a scope."""
        steps: list[str] = [name] if name else []
        each = self.made.scopes[scope]
        while each.field is not None and not each.repeated:
            steps.append(each.field.name)
            each = self.made.scopes[each.parent]
        return (*self.path, *reversed(steps))

    def has(self, scope: int, python: str) -> bool:
        return python in self.values.get(scope, ())

    def put(self, scope: int, field: Field, value: Any, element: Xml) -> None:
        self.values.setdefault(scope, {})[field.python] = value
        self.session.lines[self.where(scope, field.name)] = element.sourceline or 1

    def spell(self, scope: int, key: str, text: str) -> None:
        self.values.setdefault(scope, {}).setdefault("spelling", {})[key] = text

    def keep(self, place: str, part: str, line: int) -> None:
        """A raw part of the block."""
        place = place.lstrip("/")
        self.session.lines.setdefault((*self.path, "xml", place) if place else (*self.path, "xml"), line)
        self.raws[place] = self.raws.get(place, "") + part


def always(scope: Scope) -> set[int]:
    """The scopes that are there whatever is chosen."""
    found = {scope.index}
    for child in scope.children:
        if not child.repeated and child.field is not None and not isinstance(child.field.line, Choice):
            found |= always(child)
    return found


def scopes_below(scope: Scope) -> list[Scope]:
    return [s for child in scope.children for s in (child, *scopes_below(child))]
