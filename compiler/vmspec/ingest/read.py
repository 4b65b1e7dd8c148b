"""An XML element as a block, by the same layout that emission writes; what no line claims is kept as raw parts."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from dataclasses import field as filled
from typing import Any

from lxml import etree

from vmspec.base.provenance import Path
from vmspec.ingest.labels import label_of
from vmspec.model.block import Attr, Block, Choice, Field, Many, schema
from vmspec.model.kind import Kind, Parts, Text
from vmspec.model.layout import Blocks, Child, Constant, Element, Entries, Items, Layout, Scope, Several, Slot, Tag, layout
from vmspec.model.place import Place, Step, parse

Xml = etree._Element


@dataclass
class Session:
    """What reading one document gathers beside the blocks."""

    lines: dict[Path, int] = filled(default_factory=dict)
    """The line of every feature and block, by path."""
    untyped: list[tuple[Path, str, str]] = filled(default_factory=list)
    """Raw parts: the block, the place, and the part."""
    comments: list[tuple[Xml, Xml]] = filled(default_factory=list)
    """Each with the element that it stands before, or else in."""
    paths: dict[Xml, Path] = filled(default_factory=dict)
    """The path of every element, as far as one is known; for comments."""


@dataclass
class Frame:
    """The features of the block that is being read, and of those folded into it, by scope."""

    made: Layout
    session: Session
    path: Path
    active: set[int]
    values: dict[int, dict[str, Any]] = filled(default_factory=dict)
    chosen: dict[tuple[int, str], type[Block]] = filled(default_factory=dict)
    raws: dict[str, str] = filled(default_factory=dict)
    repeated: dict[int, dict[str, Frame]] = filled(default_factory=dict)
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

    def keep(self, place: str, part: str) -> None:
        """A raw part of the block."""
        place = place.lstrip("/")
        self.raws[place] = self.raws.get(place, "") + part


def read_block(block: type[Block], element: Xml, path: Path, session: Session, skip: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The features of the block that an element stands for; attributes in `skip` are spoken for."""
    made = layout(block)
    frame = Frame(made, session, path, _always(made.scopes[0]))
    session.lines.setdefault(path, element.sourceline or 1)
    session.paths[element] = path
    _choose(frame, element)
    if _mixed(element):
        _keep_whole(frame, element, skip)
    else:
        _read(frame, made.root, element, skip)
    return _assembled(frame)


def _always(scope: Scope) -> set[int]:
    """The scopes that are there whatever is chosen."""
    found = {scope.index}
    for child in scope.children:
        if not child.repeated and child.field is not None and not isinstance(child.field.line, Choice):
            found |= _always(child)
    return found


# ---------------------------------------------------------------------------------------------- choices


def _choose(frame: Frame, element: Xml) -> None:
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
            frame.active |= _always(inner)
            if isinstance(field.line, Choice) and field.line.absent and _text_at(element, on) is None:
                frame.put(inner.index, schema(variant).by_name["implicit"], True, element)


def _variant(frame: Frame, field: Field, on: Place, element: Xml) -> type[Block] | None:
    line = field.line
    assert isinstance(line, Choice)
    if line.on:
        text = _text_at(element, on)
        text = line.absent if text is None and line.absent else text
        fitting = [t for t in field.types if (t.when or t.tag) == text]
    else:
        fitting = [t for t in field.types if _shows(t, element, line)]
    return next((t for t in fitting if all(_text_at(element, parse(place)) == text for place, text in t.constants)), None)


def _shows(variant: type[Block], element: Xml, line: Choice) -> bool:
    """Whether anything of a variant without a discriminator is there."""
    own = parse(variant.element if line.at is None else line.at)
    if own.steps:
        return _find(element, own.steps) is not None
    places = [parse(f.line.place) for f in schema(variant) if isinstance(f.line, Attr) and f.line.place is not None]
    return any(_text_at(element, place) is not None for place in places)


def _text_at(element: Xml, place: Place) -> str | None:
    found = _find(element, place.steps)
    if found is None:
        return None
    return found.get(place.attribute) if place.attribute else found.text or ""


def _find(element: Xml, steps: tuple[Step, ...]) -> Xml | None:
    for step in steps:
        found = next((c for c in element.iterchildren(step.tag) if all(c.get(a) == v for a, v in step.constants)), None)
        if found is None:
            return None
        element = found
    return element


# ---------------------------------------------------------------------------------------------- elements


def _read(frame: Frame, node: Element, element: Xml, skip: frozenset[str]) -> None:
    """All of an element: attributes, text, children."""
    attributes = {k: v for k, v in element.attrib.items() if k not in skip}
    claimed = _attributes(frame, node, element, attributes)
    claimed |= _text(frame, node, element, attributes)
    for name, text in attributes.items():
        frame.keep(f"{node.path}/@{name}", str(text))
        claimed = True
    claimed |= _children(frame, node, element)
    claimed |= _presence(frame, node, element, claimed)
    if not claimed and node is not frame.made.root:
        frame.keep(node.path.rpartition("/")[0], _serialized(element))


def _attributes(frame: Frame, node: Element, element: Xml, attributes: dict[str, str]) -> bool:
    before = len(attributes)
    for slot in node.attributes:
        if slot.scope not in frame.active:
            continue
        match slot:
            case Constant():
                if attributes.get(slot.name) == slot.text:
                    del attributes[slot.name]
            case Tag():
                variant = frame.chosen.get((slot.scope, slot.field.python))
                if variant in slot.texts and attributes.get(slot.name) == slot.texts[variant]:
                    del attributes[slot.name]
            case Several():
                parts = {n: attributes[n] for n in slot.kind.names if n in attributes}
                value = slot.kind.from_parts(parts) if parts else None
                if value is not None:
                    frame.put(slot.scope, slot.field, value, element)
                    for name in parts:
                        del attributes[name]
            case Slot():
                if slot.name in attributes and not frame.has(slot.scope, slot.field.python):
                    text, unit = attributes[slot.name], attributes.get(slot.unit_name) if slot.kind.has_unit else None
                    if _take(frame, slot, element, text, unit):
                        del attributes[slot.name]
                        if unit is not None:
                            del attributes[slot.unit_name]
    return len(attributes) != before


def _take(frame: Frame, slot: Slot, element: Xml, text: str, unit: str | None) -> bool:
    value = slot.kind.from_xml(Text(text, unit))
    if value is None:
        return False
    frame.put(slot.scope, slot.field, value, element)
    own = slot.kind.to_xml(value)
    if own.text != text or (slot.kind.has_unit and own.unit != unit):
        frame.spell(slot.scope, slot.field.python, text)
        if unit is not None:
            frame.spell(slot.scope, f"{slot.field.python}.unit", unit)
    return True


def _text(frame: Frame, node: Element, element: Xml, attributes: dict[str, str]) -> bool:
    text = element.text or ""
    blank = not text.strip()
    if blank and (len(element) or element.attrib):
        return False
    for slot in node.texts:
        if slot.scope not in frame.active:
            continue
        if isinstance(slot, Tag):
            if frame.chosen.get((slot.scope, slot.field.python)) in slot.texts:
                return True
        elif not frame.has(slot.scope, slot.field.python):
            unit = attributes.get(slot.unit_name) if slot.kind.has_unit else None
            if _take(frame, slot, element, "" if blank else text, unit):
                if unit is not None:
                    del attributes[slot.unit_name]
                return True
    if not blank:
        frame.keep(node.path, _escaped(text))
    return not blank


def _presence(frame: Frame, node: Element, element: Xml, claimed: bool) -> bool:
    """Features that are the element itself, and those that its emptiness stands for."""
    found = False
    for slot in node.presence:
        empty = slot.policy != "bare" or not (element.attrib or len(element))
        if slot.scope in frame.active and empty:
            frame.put(slot.scope, slot.field, True, element)
            found = True
    for slot in node.bare:
        if slot.scope in frame.active and not claimed and not frame.has(slot.scope, slot.field.python):
            found |= _take(frame, slot, element, "", None)
    return found


# ---------------------------------------------------------------------------------------------- children


def _children(frame: Frame, node: Element, element: Xml) -> bool:
    groups: dict[str, list[Xml]] = {}
    for child in element:
        if isinstance(child.tag, str):
            groups.setdefault(child.tag, []).append(child)
        else:
            _comment(frame, child)
    for tag, alike in groups.items():
        for left in _distribute(frame, node.by_tag.get(tag, ()), alike):
            frame.keep(node.path, _serialized(left))
    return bool(groups)


def _comment(frame: Frame, comment: Xml) -> None:
    after = next((s for s in comment.itersiblings() if isinstance(s.tag, str)), None)
    parent = comment.getparent()
    if after is None and parent is None:
        return
    frame.session.comments.append((comment, after if after is not None else parent))  # type: ignore[arg-type]


def _distribute(frame: Frame, candidates: list[Child] | tuple[()], alike: list[Xml]) -> list[Xml]:
    """Gives like elements to the lines that can hold them, in their order; what is left over comes back.

    One line takes all of them if it can. Otherwise each goes to the next line in the order of emission that takes it; from
    the first that none takes, all are left over: emission writes what is left over last, and their order is to stay.
    """
    usable = [c for c in candidates if _usable(frame, c)]
    for candidate in usable:
        if _fits(frame, candidate, alike, alone=len(usable) == 1):
            _give(frame, candidate, alike)
            return []
    shares: list[tuple[Child, list[Xml]]] = []
    at = 0
    for number, each in enumerate(alike):
        while at < len(usable) and not _joins(frame, usable[at], shares, each):
            at += 1
        if at == len(usable):
            _give_all(frame, shares)
            return alike[number:]
        if not shares or shares[-1][0] is not usable[at]:
            shares.append((usable[at], []))
        shares[-1][1].append(each)
    _give_all(frame, shares)
    return []


def _usable(frame: Frame, candidate: Child) -> bool:
    if isinstance(candidate, Element):
        return bool(candidate.repeat) or not frame.active.isdisjoint(candidate.needs)
    return candidate.scope in frame.active


def _joins(frame: Frame, candidate: Child, shares: list[tuple[Child, list[Xml]]], each: Xml) -> bool:
    have = shares[-1][1] if shares and shares[-1][0] is candidate else []
    return _fits(frame, candidate, [*have, each], alone=True)


def _give_all(frame: Frame, shares: list[tuple[Child, list[Xml]]]) -> None:
    for candidate, elements in shares:
        _give(frame, candidate, elements)


def _fits(frame: Frame, candidate: Child, alike: list[Xml], alone: bool) -> bool:
    """Whether a line can hold all these elements, and would write them again in this order."""
    if any(each.get(a) != v for each in alike for a, v in candidate.step.constants):
        return False
    match candidate:
        case Element():
            if not alone and not all(_covers(candidate, each) for each in alike):
                return False
            return _order(frame, candidate, alike) is not None if candidate.repeat else len(alike) == 1
        case Items():
            return all(_item(candidate, each) is not None for each in alike)
        case Entries():
            keys = [_entry(candidate, each) for each in alike]
            return None not in keys and len({k[0] for k in keys if k}) == len(keys)
        case Blocks():
            return _blocks_fit(frame, candidate, alike)


def _covers(node: Element, element: Xml) -> bool:
    slots = [s for s in node.attributes if isinstance(s, (Slot, Tag, Constant))]
    names = {s.name for s in slots} | {a for a, _ in node.step.constants} | {node.step.label}
    names |= {s.unit_name for s in (*slots, *node.texts) if isinstance(s, Slot) and s.kind.has_unit}
    return set(element.attrib) <= names and all(c.tag in node.by_tag for c in element if isinstance(c.tag, str))


def _blocks_fit(frame: Frame, blocks: Blocks, alike: list[Xml]) -> bool:
    if blocks.step.label:
        labels = [each.get(blocks.step.label) for each in alike]
        return None not in labels and "" not in labels and len(set(labels)) == len(labels)
    if blocks.many:
        return True
    fixed = all(alike[0].get(a) == v for a, v in blocks.fixed)
    variant = frame.chosen.get((blocks.scope, blocks.field.python), blocks.block)
    return len(alike) == 1 and fixed and variant is blocks.block and not frame.has(blocks.scope, blocks.field.python)


def _give(frame: Frame, candidate: Child, alike: list[Xml]) -> None:
    match candidate:
        case Element() if candidate.repeat:
            _labelled(frame, candidate, alike)
        case Element():
            _static(frame, candidate, alike[0])
        case Items():
            values = tuple(v for each in alike for v in (_item(candidate, each) or ()))
            frame.put(candidate.scope, candidate.field, values, alike[0])
        case Entries():
            for each in alike:
                key, value = _entry(candidate, each) or ("", None)
                frame.values.setdefault(candidate.scope, {}).setdefault(candidate.field.python, {})[key] = value
                frame.session.lines[(*frame.where(candidate.scope, candidate.field.name), key)] = each.sourceline or 1
        case Blocks():
            _blocks(frame, candidate, alike)


def _static(frame: Frame, node: Element, element: Xml) -> None:
    frame.session.paths[element] = frame.where(min(frame.active.intersection(node.needs), default=0))
    if _mixed(element):
        frame.keep(node.path.rpartition("/")[0], _serialized(element))
        return
    _read(frame, node, element, frozenset(a for a, _ in node.step.constants))


def _item(items: Items, element: Xml) -> tuple[Any, ...] | None:
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


def _entry(entries: Entries, element: Xml) -> tuple[str, Any] | None:
    key, text = _text_at(element, entries.key), _text_at(element, entries.value)
    if key is None or text is None or not _only(entries, element):
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


def _blocks(frame: Frame, blocks: Blocks, alike: list[Xml]) -> None:
    path, label = frame.where(blocks.scope, blocks.field.name), blocks.step.label
    skip = frozenset((*(a for a, _ in (*blocks.step.constants, *blocks.fixed)), label))
    if not blocks.many:
        value = blocks.block(**read_block(blocks.block, alike[0], path, frame.session, skip))
        frame.values.setdefault(blocks.scope, {})[blocks.field.python] = value
        return
    taken: set[str] = set()
    made = []
    for index, each in enumerate(alike):
        name = each.get(label) if label else _label(blocks, each, index, taken)
        made.append(blocks.block(label=name, **read_block(blocks.block, each, (*path, str(name)), frame.session, skip)))
    frame.values.setdefault(blocks.scope, {})[blocks.field.python] = tuple(made)


def _label(blocks: Blocks, element: Xml, index: int, taken: set[str]) -> str:
    """Reads what a label is made of ahead of the block, whose paths begin with it."""
    values: dict[str, Any] = {}
    for f in schema(blocks.block):
        if isinstance(f.line, Attr) and f.line.place and (f.line.policy == "label" or f.python == "alias"):
            text = _text_at(element, parse(f.line.place))
            if text:
                values[f.python] = text
    return label_of(blocks.field, values, index, taken)


# ---------------------------------------------------------------------------------------------- labelled elements


def _order(frame: Frame, node: Element, alike: list[Xml]) -> list[str] | None:
    """The labels of these elements, if they can be written again in this order."""
    labels = [each.get(node.step.label) for each in alike]
    scope = frame.made.scopes[node.repeat]
    assert scope.field is not None
    numbered = isinstance(scope.field.line, Many) and scope.field.line.numbered
    good = [str(label) for label in labels if label and (not numbered or label == str(int(label) if label.isdecimal() else ""))]
    if len(good) != len(labels) or len(set(good)) != len(good):
        return None
    return merged([*frame.sequences.get(node.repeat, ()), good])


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


def _labelled(frame: Frame, node: Element, alike: list[Xml]) -> None:
    scope = frame.made.scopes[node.repeat]
    assert scope.field is not None
    sequence: list[str] = []
    outer = frame.where(scope.parent, scope.field.name)
    for each in alike:
        label = str(each.get(node.step.label))
        if len(each.attrib) == 1 and not len(each) and not node.presence:
            frame.keep(node.path.rpartition("/")[0], _serialized(each))
            continue
        frames = frame.repeated.setdefault(node.repeat, {})
        if label not in frames:
            frames[label] = Frame(frame.made, frame.session, (*outer, label), _always(scope))
            frame.session.lines.setdefault((*outer, label), each.sourceline or 1)
        frame.session.paths[each] = (*outer, label)
        sequence.append(label)
        _read(frames[label], node, each, frozenset((node.step.label,)))
    frame.sequences.setdefault(node.repeat, []).append(sequence)


# ---------------------------------------------------------------------------------------------- assembly


def _assembled(frame: Frame) -> dict[str, Any]:
    for scope in reversed(frame.made.scopes[1:]):
        if scope.field is None or scope.parent not in frame.active:
            continue
        if scope.repeated:
            blocks = tuple(_repeated_blocks(frame, scope))
            if blocks:
                frame.values.setdefault(scope.parent, {})[scope.field.python] = blocks
            continue
        chosen = frame.chosen.get((scope.parent, scope.field.python)) is scope.block
        if scope.index in frame.active and (chosen or frame.values.get(scope.index)):
            frame.values.setdefault(scope.parent, {})[scope.field.python] = scope.block(**frame.values.get(scope.index, {}))
    values = frame.values.get(0, {})
    _keep_raws(frame, values, frame.path)
    return values


def _repeated_blocks(frame: Frame, scope: Scope) -> Iterator[Block]:
    frames = frame.repeated.get(scope.index, {})
    order = merged(frame.sequences.get(scope.index, [])) or list(frames)
    for label in order:
        inner = frames[label]
        for below in reversed(_below(scope)):
            if below.field is not None and inner.values.get(below.index):
                inner.values.setdefault(below.parent, {})[below.field.python] = below.block(**inner.values[below.index])
        values = inner.values.get(scope.index, {})
        _keep_raws(inner, values, inner.path)
        yield scope.block(label=label, **values)


def _below(scope: Scope) -> list[Scope]:
    return [s for child in scope.children for s in (child, *_below(child))]


def _keep_raws(frame: Frame, values: dict[str, Any], path: Path) -> None:
    if frame.raws:
        values["raw"] = dict(frame.raws)
        frame.session.untyped += [(path, place, part) for place, part in frame.raws.items()]


def _mixed(element: Xml) -> bool:
    """Text between elements, which no definition has: the element is then kept as it is."""
    return any((child.tail or "").strip() for child in element)


def _keep_whole(frame: Frame, element: Xml, skip: frozenset[str]) -> None:
    for name, text in element.attrib.items():
        if name not in skip:
            frame.keep(f"@{name}", str(text))
    frame.keep("", _escaped(element.text or "") + "".join(_serialized(c) + _escaped(c.tail or "") for c in element))


def _serialized(element: Xml) -> str:
    """An element with the namespaces that it uses, and no others."""
    copy = deepcopy(element)
    copy.tail = None
    etree.cleanup_namespaces(copy)
    return etree.tostring(copy, encoding="unicode")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


__all__ = ["Kind", "Session", "merged", "read_block"]
