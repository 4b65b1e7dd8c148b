"""Which places of a schema no typed line claims: the news of a newer libvirt, in one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TypeAlias

from vmspec.base.record import record
from vmspec.model.block import Block
from vmspec.model.layout import Blocks, Child, Constant, Element, Entries, Items, Several, Slot, layout
from vmspec.model.place import Place, XmlStep


@record(frozen=True, eq=False)
class Pattern:
    """An element of a schema. `children` are asked for when they are needed: schemas are recursive."""

    tag: str
    """`{uri}name`; `*` for any."""
    attributes: tuple[str, ...]
    """`*` for any."""
    text: bool
    children: Callable[[], Sequence[Pattern]]


UNTYPED: Mapping[str, str] = {
    "/domain/metadata/[*]": "applications' own elements, of namespaces that libvirt does not know either: kept as raw parts",
    "*/privateData": "only in the status files of running guests (privatedata.rng)",
    "*/hostdev/source/adapter/@*": "shared with storage pools; of a host device the parser reads only the name",
    "*/hostdev/source/adapter/parentaddr": "shared with storage pools, and not read of a host device either",
}
"""What is deliberately without a line, by a pattern of its place, and why (libvirt 9.0.0)."""

Holder: TypeAlias = "Element | Items | Entries | _Root"


@record(frozen=True)
class _Root:
    """A block's own element, with the attributes that its parent writes there."""

    element: Element
    step: XmlStep
    fixed: tuple[str, ...]


@record(frozen=True)
class Coverage:
    claimed: int
    """Places (elements, attributes, texts) that a line claims."""
    untyped: tuple[str, ...]
    """Places in the table of what is deliberately untyped."""
    missing: tuple[str, ...]
    """Places that no line claims; of an element without any line, only the element."""


def coverage(schema: Pattern, block: type[Block]) -> Coverage:
    """What the lines of a block's tree claim of a schema's element. What was seen with the same lines is not looked at again."""
    made = layout(block)
    found = dict.fromkeys(_walk(schema, (_Root(made.root, made.root.step, ()),), f"/{schema.tag}", set()))
    missing = [place for place, claimed in found if not claimed]
    named = [place for place in missing if any(fnmatchcase(place, pattern) for pattern in UNTYPED)]
    return Coverage(sum(claimed for _, claimed in found), tuple(named), tuple(p for p in missing if p not in named))


def _walk(schema: Pattern, holders: tuple[Holder, ...], path: str, seen: set[tuple[Pattern, frozenset[int]]]) -> Iterator[tuple[str, bool]]:
    key = (schema, frozenset(id(h.element) if isinstance(h, _Root) else id(h) for h in holders))
    if key in seen:
        return
    seen.add(key)
    for name in schema.attributes:
        yield f"{path}/@{name}", any(name in _attributes(h) for h in holders)
    if schema.text:
        yield f"{path}/text()", any(_has_text(h) for h in holders)
    for child in schema.children():
        below = tuple(dict.fromkeys(inner for h in holders for inner in _below(h, child.tag)))
        place = f"{path}/{child.tag.rpartition('}')[2]}"
        yield place, bool(below)
        if below:
            yield from _walk(child, below, place, seen)


def _below(holder: Holder, tag: str) -> Iterator[Holder]:
    match holder:
        case _Root(element=element) | (Element() as element):
            yield from (_held(child) for child in element.by_tag.get(tag, ()))
        case Items():
            pass
        case Entries():
            yield from (Element(at.steps[0], "") for at in (holder.key, holder.value) if at.steps and at.steps[0].tag == tag)


def _held(child: Child) -> Holder:
    return _Root(layout(child.block).root, child.step, tuple(name for name, _ in child.fixed)) if isinstance(child, Blocks) else child


def _attributes(holder: Holder) -> set[str]:
    match holder:
        case Items():
            item = holder.kind.item
            return {*getattr(item, "names", ()), holder.name, *_of_step(holder.step)}
        case Entries():
            return {*(at.attribute for at in (holder.key, holder.value) if at.attribute and not at.steps), *_of_step(holder.step)}
        case Element():
            return _of_element(holder) | _of_step(holder.step)
        case _Root():
            return _of_element(holder.element) | _of_step(holder.step) | set(holder.fixed)


def _of_step(step: XmlStep) -> set[str]:
    return {name for name, _ in step.constants} | ({step.label} if step.label else set())


def _of_element(element: Element) -> set[str]:
    names: set[str] = set()
    for slot in (*element.attributes, *element.texts):
        if isinstance(slot, Several):
            names |= set(slot.kind.names)
        elif isinstance(slot, Constant) or slot.name:
            names.add(slot.name)
        if isinstance(slot, Slot) and slot.kind.has_unit:
            names.add("unit")
    return names


def _has_text(holder: Holder) -> bool:
    match holder:
        case Items():
            return not holder.name
        case Entries():
            return any(_is_text(at) for at in (holder.key, holder.value))
        case _Root(element=element) | (Element() as element):
            return bool(element.texts or element.presence)


def _is_text(at: Place) -> bool:
    return at.attribute is None
