"""Which lines can hold which elements, so that emission writes them again as they stand."""

from __future__ import annotations

from typing import Any

from vmspec.importing.choices import text_at
from vmspec.importing.frame import ReadingFrame, Xml
from vmspec.model.block import Many
from vmspec.model.kind import Parts, Text
from vmspec.model.label import bad_label, is_key, is_number
from vmspec.model.layout import Blocks, Child, Constant, Element, Entries, Items, Slot, Tag


def is_usable(frame: ReadingFrame, candidate: Child) -> bool:
    if isinstance(candidate, Element):
        return bool(candidate.repeat) or not frame.active.isdisjoint(candidate.needs)
    return candidate.scope in frame.active


def fits(frame: ReadingFrame, candidate: Child, alike: list[Xml], alone: bool) -> bool:
    """Whether a line can hold all these elements, and would write them again in this order."""
    if any(each.get(a) != v for each in alike for a, v in candidate.step.constants):
        return False
    match candidate:
        case Element():
            if not alone and not all(_covers(candidate, each) for each in alike):
                return False
            return order_of(frame, candidate, alike) is not None if candidate.repeat else len(alike) == 1
        case Items():
            return all(item_of(candidate, each) is not None for each in alike)
        case Entries():
            keys = [entry_of(candidate, each) for each in alike]
            return None not in keys and len({k[0] for k in keys if k}) == len(keys)
        case Blocks():
            return _blocks_fit(frame, candidate, alike)


def _covers(node: Element, element: Xml) -> bool:
    slots = [s for s in node.attributes if isinstance(s, (Slot, Tag, Constant))]
    names = {s.name for s in slots} | {a for a, _ in node.step.constants} | {node.step.label}
    names |= {"unit" for s in (*slots, *node.texts) if isinstance(s, Slot) and s.kind.has_unit}
    return set(element.attrib) <= names and all(c.tag in node.by_tag for c in element if isinstance(c.tag, str))


def _blocks_fit(frame: ReadingFrame, blocks: Blocks, alike: list[Xml]) -> bool:
    if blocks.step.label:
        labels = [each.get(blocks.step.label) or "" for each in alike]
        return not any(map(bad_label, labels)) and len(set(labels)) == len(labels)
    if blocks.many:
        return True
    fixed = all(alike[0].get(a) == v for a, v in blocks.fixed)
    variant = frame.chosen.get((blocks.scope, blocks.field.python), blocks.block)
    return len(alike) == 1 and fixed and variant is blocks.block and not frame.has(blocks.scope, blocks.field.python)


def item_of(items: Items, element: Xml) -> tuple[Any, ...] | None:
    """The item of one element, as a tuple of one; None where the element holds anything else."""
    silent = items.name or isinstance(items.kind.item, Parts)
    if len(element) or (silent and (element.text or "").strip()):
        return None
    kind = items.kind.item
    if isinstance(kind, Parts):
        value = kind.from_parts(dict(element.attrib)) if set(element.attrib) <= set(kind.names) else None
        return None if value is None else (value,)
    if set(element.attrib) != ({items.name} if items.name else set()):
        return None
    text = element.get(items.name) if items.name else element.text or ""
    value = kind.from_xml(Text(str(text)))
    return (value,) if value is not None and kind.text(value) == text else None


def entry_of(entries: Entries, element: Xml) -> tuple[str, Any] | None:
    key, text = text_at(element, entries.key), text_at(element, entries.value)
    if key is None or not is_key(key) or text is None or not _only(entries, element):
        return None
    kind = entries.line.kind
    value = kind.from_xml(Text(text))
    return (key, value) if value is not None and kind.text(value) == text else None


def _only(entries: Entries, element: Xml) -> bool:
    """Whether the element holds its key and its value and nothing else."""
    expected = sum(len(p.steps) + (p.attribute is not None) for p in (entries.key, entries.value))
    there = sum(len(e.attrib) + (e is not element) for e in element.iter() if isinstance(e.tag, str))
    with_text = entries.value.attribute is None or entries.key.attribute is None
    return there == expected + len(entries.step.constants) and (with_text or not (element.text or "").strip())


def order_of(frame: ReadingFrame, node: Element, alike: list[Xml]) -> list[str] | None:
    """The labels of these elements, if they can be written again in this order."""
    labels = [str(each.get(node.step.label) or "") for each in alike]
    scope = frame.made.scopes[node.repeat]
    assert scope.field is not None
    numbered = isinstance(scope.field.line, Many) and scope.field.line.numbered
    good = [label for label in labels if (is_number(label) and label == str(int(label)) if numbered else not bad_label(label))]
    if len(good) != len(labels) or len(set(good)) != len(good):
        return None
    if not (node.presence or node.bare) and any(map(_is_bare, alike)):
        return None
    return merged([*frame.sequences.get(node.repeat, ()), good])


def _is_bare(element: Xml) -> bool:
    """Whether it holds its label and nothing that a line could say."""
    return len(element.attrib) == 1 and not len(element) and not (element.text or "").strip()


def merged(sequences: list[list[str]]) -> list[str] | None:
    """One order in which every sequence keeps its own; None where there is none that is easily found."""
    appended: list[str] = []
    for sequence in sequences:
        appended += [label for label in sequence if label not in appended]
    numeric = sorted(appended, key=lambda label: (len(label), label))
    return next((order for order in (appended, numeric) if all(_within(s, order) for s in sequences)), None)


def _within(sequence: list[str], order: list[str]) -> bool:
    places = [order.index(label) for label in sequence]
    return places == sorted(places)
