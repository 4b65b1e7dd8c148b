"""Kinds of value that become YAML or JSON: what the guest's own programs read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from vmspec.model.kind import Kind, Problem, Text
from vmspec.model.show import show
from vmspec.model.value import CpuSet, Quantity, Secret, Value

Place: TypeAlias = tuple[str | int, ...]
"""Keys of maps and numbers of items, from the document down."""
Plain: TypeAlias = "bool | int | str | list[Plain] | dict[str, Plain] | None"
"""What JSON has; there is no null in the language: None is a secret that nobody has told."""
Fill: TypeAlias = Callable[[Secret, Place], str | None]
"""The value of a secret at a place, or None."""

MOST_DEEP = 64
"""Maps and lists within one another."""


class Document(Kind):
    """A value that YAML and JSON can hold; secrets of a deploy (`param $pw: secret`) anywhere in it."""

    noun = "a text, number, boolean, list or map"

    def read(self, value: Value) -> Value | Problem:
        wrong = _unfit(value, MOST_DEEP)
        return value if wrong is None else Problem(wrong)

    def to_xml(self, value: Value) -> Text:
        return Text("")

    def from_xml(self, text: Text) -> Value | None:
        return None


class DocumentOrText(Document):
    """The same, where a text is the whole document."""

    noun = "a text, or a map"

    def read(self, value: Value) -> Value | Problem:
        return super().read(value) if isinstance(value, (str, Mapping)) else Problem(f"is not {self.noun}")


def _unfit(value: Value, left: int) -> str | None:
    if left == 0:
        return f"is nested more than {MOST_DEEP} deep"
    match value:
        case Secret():
            return None if value.param else "is a secret of libvirt, which no guest is told: declare `param $pw: secret`"
        case Quantity():
            return "has a unit, which YAML and JSON do not know: write a plain number or a quoted text"
        case bool() | int() | str() | CpuSet():
            return None
        case tuple():
            return next((wrong for each in value if (wrong := _unfit(each, left - 1)) is not None), None)
        case Mapping():
            return next((wrong for each in value.values() if (wrong := _unfit(each, left - 1)) is not None), None)
        case _:
            return "is nothing that YAML and JSON can hold"


def plain(value: Value, fill: Fill, place: Place = ()) -> Plain:
    """As JSON holds it. An entry or an item whose secret is not told is left out."""
    match value:
        case bool():
            return value
        case int():
            return int(value)
        case str():
            return str(value)
        case Secret():
            return fill(value, place)
        case tuple():
            items = [plain(item, fill, (*place, n)) for n, item in enumerate(value)]
            return [item for item in items if item is not None]
        case Mapping():
            entries = [(str(key), plain(item, fill, (*place, str(key)))) for key, item in value.items()]
            return {key: item for key, item in entries if item is not None}
        case _:
            return show(value)


DOCUMENT = Document()
DOCUMENT_OR_TEXT = DocumentOrText()


def unfolded(entries: Mapping[str, Value]) -> dict[str, Value]:
    """An open map, whose keys are dotted paths, as the maps within one another that they mean."""
    found: dict[str, Value] = {}
    inner: dict[str, dict[str, Value]] = {}
    for key, value in entries.items():
        head, dot, rest = key.partition(".")
        if dot or (head in inner and isinstance(value, Mapping)):
            more = {rest: value} if dot else dict(value)  # type: ignore[arg-type]
            held = found.get(head)
            inner.setdefault(head, dict(held) if isinstance(held, Mapping) else {}).update(more)
            found[head] = inner[head]
        else:
            found[key] = value
    return {key: unfolded(value) if key in inner and isinstance(value, Mapping) else value for key, value in found.items()}


def shown_place(place: Place) -> str:
    """`users[0].name`."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
