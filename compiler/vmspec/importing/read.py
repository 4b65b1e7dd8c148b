"""An XML element as a block, by the same layout that emission writes; what no line claims is kept as raw parts."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from lxml import etree

from vmspec.base.provenance import Path
from vmspec.importing.choices import choose, text_at
from vmspec.importing.fit import entry_of, fits, is_usable, item_of, merged
from vmspec.importing.frame import ReadingFrame, ReadingSession, Xml, always, scopes_below
from vmspec.importing.labels import label_of
from vmspec.model.block import Attr, Block, schema
from vmspec.model.kind import Text
from vmspec.model.layout import Blocks, Child, Constant, Element, Entries, Items, Scope, Several, Slot, Tag, layout
from vmspec.model.place import parse


def read_block(block: type[Block], element: Xml, path: Path, session: ReadingSession, skip: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The features of the block that an element stands for; attributes in `skip` are spoken for."""
    made = layout(block)
    frame = ReadingFrame(made, session, path, always(made.scopes[0]))
    session.lines.setdefault(path, element.sourceline or 1)
    session.paths[element] = path
    choose(frame, element)
    _read(frame, made.root, element, skip)
    return _assembled(frame)


# ---------------------------------------------------------------------------------------------- elements


def _read(frame: ReadingFrame, node: Element, element: Xml, skip: frozenset[str]) -> None:
    """All of an element: attributes, text, children."""
    attributes = {k: v for k, v in element.attrib.items() if k not in skip}
    claimed = _attributes(frame, node, element, attributes)
    claimed |= _text(frame, node, element, attributes)
    for name, text in attributes.items():
        frame.keep(f"{node.path}/@{name}", str(text), element.sourceline or 1)
        claimed = True
    claimed |= _children(frame, node, element)
    claimed |= _presence(frame, node, element, claimed)
    if not claimed and node is not frame.made.root:
        frame.keep(node.path.rpartition("/")[0], _serialized(element), element.sourceline or 1)


def _attributes(frame: ReadingFrame, node: Element, element: Xml, attributes: dict[str, str]) -> bool:
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
                    text, unit = attributes[slot.name], attributes.get("unit") if slot.kind.has_unit else None
                    if _take(frame, slot, element, text, unit):
                        del attributes[slot.name]
                        if unit is not None:
                            del attributes["unit"]
    return len(attributes) != before


def _take(frame: ReadingFrame, slot: Slot, element: Xml, text: str, unit: str | None) -> bool:
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


def _text(frame: ReadingFrame, node: Element, element: Xml, attributes: dict[str, str]) -> bool:
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
            unit = attributes.get("unit") if slot.kind.has_unit else None
            if _take(frame, slot, element, "" if blank else text, unit):
                if unit is not None:
                    del attributes["unit"]
                return True
    if not blank:
        frame.keep(node.path, _escaped(text), element.sourceline or 1)
    return not blank


def _presence(frame: ReadingFrame, node: Element, element: Xml, claimed: bool) -> bool:
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


def _children(frame: ReadingFrame, node: Element, element: Xml) -> bool:
    groups: dict[str, list[Xml]] = {}
    for child in element:
        if isinstance(child.tag, str):
            groups.setdefault(child.tag, []).append(child)
        elif isinstance(child, etree._Comment):
            _comment(frame, str(child.text or ""), child)
        if (child.tail or "").strip():
            _comment(frame, str(child.tail), child)
    for tag, alike in groups.items():
        for left in _distribute(frame, node.by_tag.get(tag, ()), alike):
            frame.keep(node.path, _serialized(left), left.sourceline or 1)
    return bool(groups)


def _comment(frame: ReadingFrame, text: str, at: Xml) -> None:
    """A comment, or the text behind an element."""
    near = next((s for s in at.itersiblings() if isinstance(s.tag, str)), at.getparent())
    if near is not None:
        frame.session.comments.append((text, near))


def _distribute(frame: ReadingFrame, candidates: list[Child] | tuple[()], alike: list[Xml]) -> list[Xml]:
    """Gives like elements to the lines that can hold them, in their order; what is left over comes back.

    One line takes all of them if it can. Otherwise each goes to the next line in the order of emission that takes it; from
    the first that none takes, all are left over: emission writes what is left over last, and their order is to stay.
    """
    usable = [c for c in candidates if is_usable(frame, c)]
    for candidate in usable:
        if fits(frame, candidate, alike, alone=len(usable) == 1):
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


def _joins(frame: ReadingFrame, candidate: Child, shares: list[tuple[Child, list[Xml]]], each: Xml) -> bool:
    have = shares[-1][1] if shares and shares[-1][0] is candidate else []
    return fits(frame, candidate, [*have, each], alone=True)


def _give_all(frame: ReadingFrame, shares: list[tuple[Child, list[Xml]]]) -> None:
    for candidate, elements in shares:
        _give(frame, candidate, elements)


def _give(frame: ReadingFrame, candidate: Child, alike: list[Xml]) -> None:
    match candidate:
        case Element() if candidate.repeat:
            _labelled(frame, candidate, alike)
        case Element():
            _static(frame, candidate, alike[0])
        case Items():
            values = tuple(v for each in alike for v in (item_of(candidate, each) or ()))
            frame.put(candidate.scope, candidate.field, values, alike[0])
        case Entries():
            for each in alike:
                key, value = entry_of(candidate, each) or ("", None)
                frame.values.setdefault(candidate.scope, {}).setdefault(candidate.field.python, {})[key] = value
                frame.session.lines[(*frame.where(candidate.scope, candidate.field.name), key)] = each.sourceline or 1
        case Blocks():
            _blocks(frame, candidate, alike)


def _static(frame: ReadingFrame, node: Element, element: Xml) -> None:
    frame.session.paths[element] = frame.where(min(frame.active.intersection(node.needs), default=0))
    _read(frame, node, element, frozenset(a for a, _ in node.step.constants))


def _blocks(frame: ReadingFrame, blocks: Blocks, alike: list[Xml]) -> None:
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
            text = text_at(element, parse(f.line.place))
            if text:
                values[f.python] = text
    return label_of(blocks.field, values, index, taken)


# ---------------------------------------------------------------------------------------------- labelled elements


def _labelled(frame: ReadingFrame, node: Element, alike: list[Xml]) -> None:
    scope = frame.made.scopes[node.repeat]
    assert scope.field is not None
    sequence: list[str] = []
    outer = frame.where(scope.parent, scope.field.name)
    for each in alike:
        label = str(each.get(node.step.label))
        if len(each.attrib) == 1 and not len(each) and not node.presence:
            frame.keep(node.path.rpartition("/")[0], _serialized(each), each.sourceline or 1)
            continue
        frames = frame.repeated.setdefault(node.repeat, {})
        if label not in frames:
            frames[label] = ReadingFrame(frame.made, frame.session, (*outer, label), always(scope))
            frame.session.lines.setdefault((*outer, label), each.sourceline or 1)
        frame.session.paths[each] = (*outer, label)
        sequence.append(label)
        _read(frames[label], node, each, frozenset((node.step.label,)))
    frame.sequences.setdefault(node.repeat, []).append(sequence)


# ---------------------------------------------------------------------------------------------- assembly


def _assembled(frame: ReadingFrame) -> dict[str, Any]:
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


def _repeated_blocks(frame: ReadingFrame, scope: Scope) -> Iterator[Block]:
    frames = frame.repeated.get(scope.index, {})
    order = merged(frame.sequences.get(scope.index, [])) or list(frames)
    for label in order:
        inner = frames[label]
        for below in reversed(scopes_below(scope)):
            if below.field is not None and inner.values.get(below.index):
                inner.values.setdefault(below.parent, {})[below.field.python] = below.block(**inner.values[below.index])
        values = inner.values.get(scope.index, {})
        _keep_raws(inner, values, inner.path)
        yield scope.block(label=label, **values)


def _keep_raws(frame: ReadingFrame, values: dict[str, Any], path: Path) -> None:
    if frame.raws:
        values["raw"] = dict(frame.raws)
        frame.session.untyped += [(path, place, part) for place, part in frame.raws.items()]


def _serialized(element: Xml) -> str:
    """An element with the namespaces that it uses, and no others."""
    copy = deepcopy(element)
    copy.tail = None
    etree.cleanup_namespaces(copy)
    return etree.tostring(copy, encoding="unicode")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
