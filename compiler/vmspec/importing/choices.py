"""Which variant of a choice an element shows, by its discriminator and constants, and how a place is found in XML."""

from __future__ import annotations

from vmspec.importing.frame import ReadingFrame, Xml, always
from vmspec.model.block import Attr, Block, Choice, Field, schema
from vmspec.model.place import Place, XmlStep, parse


def choose(frame: ReadingFrame, element: Xml) -> None:
    """Finds the variant of every choice, the outer ones first."""
    for scope, field, on in frame.made.choices:
        if scope not in frame.active:
            continue
        variant = _variant(frame, field, on, element)
        if variant is None:
            continue
        frame.chosen[scope, field.python] = variant
        inner = next((s for s in frame.made.scopes if s.field is field and s.parent == scope and s.block is variant), None)
        if inner is not None:
            frame.active |= always(inner)
            if isinstance(field.line, Choice) and field.line.absent and text_at(element, on) is None:
                frame.put(inner.index, schema(variant).by_name["implicit"], True, element)


def _variant(frame: ReadingFrame, field: Field, on: Place, element: Xml) -> type[Block] | None:
    line = field.line
    assert isinstance(line, Choice)
    if line.on:
        text = text_at(element, on)
        text = line.absent if text is None and line.absent else text
        fitting = [t for t in field.types if (t.when or t.tag) == text]
    else:
        fitting = [t for t in field.types if _shows(t, element, line)]
    return next((t for t in fitting if all(text_at(element, parse(place)) == text for place, text in t.constants)), None)


def _shows(variant: type[Block], element: Xml, line: Choice) -> bool:
    """Whether anything of a variant without a discriminator is there."""
    own = parse(variant.element if line.at is None else line.at)
    if own.steps:
        return find(element, own.steps) is not None
    places = [parse(f.line.place) for f in schema(variant) if isinstance(f.line, Attr) and f.line.place is not None]
    return any(text_at(element, place) is not None for place in places)


def text_at(element: Xml, place: Place) -> str | None:
    found = find(element, place.steps)
    if found is None:
        return None
    return found.get(place.attribute) if place.attribute else found.text or ""


def find(element: Xml, steps: tuple[XmlStep, ...]) -> Xml | None:
    for step in steps:
        found = next((c for c in element.iterchildren(step.tag) if all(c.get(a) == v for a, v in step.constants)), None)
        if found is None:
            return None
        element = found
    return element
