"""A block as XML text, from its typed lines and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias

from vmspec.model.block import Block
from vmspec.model.domain import Domain
from vmspec.model.kind import Kind, Parts
from vmspec.model.layout import Blocks, Child, Constant, Element, Entries, Items, Layout, Scope, Several, Slot, Tag, head, layout
from vmspec.model.place import Place, Step

INDENT = "  "

Values: TypeAlias = dict[str, Any]
"""The features of one block, by Python name, with `label`, `spelling` and `raw` where they are not empty."""

NOTHING: Values = {}
_UNSAFE = re.compile(r"[&<>'\"\n\r\t]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&apos;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_IN_TEXT = {**_ESCAPES, "'": "'", '"': '"', "\n": "\n", "\t": "\t"}


def domain_xml(domain: Domain) -> str:
    """The whole document; the same domain always gives the same bytes."""
    return block_xml(domain)


def block_xml(block: Block, pad: str = "") -> str:
    """One block with an element of its own, ended by a newline."""
    return _writer(type(block), layout(type(block)).root.step)(block, pad)


_KEPT = 4096
"""Blocks that many objects share are written once; this many are remembered, for each class."""

Raws: TypeAlias = dict[str, tuple[str, str]]
"""By element path: attributes and content that no line claims."""

Env: TypeAlias = list[Values]
"""By scope: the features of its block; empty where there is none."""

Write: TypeAlias = "Callable[[Env, str, Raws | None], str]"
BlockWriter: TypeAlias = "Callable[[Block, str], str]"


@cache
def _writer(block: type[Block], step: Step, fixed: tuple[tuple[str, str], ...] = ()) -> BlockWriter:
    """Writes blocks of a class as the element of this step."""
    made = layout(block)
    fill, size = _filler(made.scopes[0]), len(made.scopes)
    folded = [s for s in made.scopes if not s.repeated]
    known = frozenset(paths(made.root))
    root = _element_writer(made, made.root, step, fixed)
    fragments: dict[tuple[int, str], tuple[Block, str]] = {}

    def write(block: Block, pad: str) -> str:
        key = (id(block), pad)
        if key in fragments:
            return fragments[key][1]
        env: Env = [NOTHING] * size
        fill(env, block)
        text = root(env, pad, raw_parts(env, folded, known))
        if pad:
            if len(fragments) >= _KEPT:
                fragments.clear()
            # The block is kept beside its text, so that no other block gets its identity.
            fragments[key] = (block, text)
        return text

    return write


def paths(element: Element) -> list[str]:
    return [element.path, *(p for c in element.children if isinstance(c, Element) for p in paths(c))]


def _filler(scope: Scope) -> Callable[[Env, Block], None]:
    """Puts a block and what is folded into it where the writers look."""
    index = scope.index
    inner = [(s.field.python, s.block, _filler(s)) for s in scope.children if s.field is not None and not s.repeated]
    if not inner:

        def put(env: Env, block: Block) -> None:
            env[index] = vars(block)

        return put

    def fill(env: Env, block: Block) -> None:
        values = env[index] = vars(block)
        for python, kind, put in inner:
            value = values.get(python)
            if value is not None and type(value) is kind:
                put(env, value)

    return fill


def raw_parts(env: Env, scopes: list[Scope], known: frozenset[str]) -> Raws | None:
    """The raw parts of these scopes' blocks, each at the longest known path of its place."""
    raws: Raws | None = None
    for each in scopes:
        parts: Mapping[str, str] | None = env[each.index].get("raw")
        if parts:
            raws = {} if raws is None else raws
            for place, part in parts.items():
                _place_raw(raws, f"{each.base.path}/{place}".strip("/"), part, known)
    return raws


def _place_raw(raws: Raws, place: str, part: str, known: frozenset[str]) -> None:
    path, _, attribute = place.rpartition("@") if "@" in place.rpartition("/")[2] and "[" not in place.rpartition("/")[2] else (place, "", "")
    path = path.rstrip("/")
    missing: list[str] = []
    while path not in known and path:
        path, _, step = path.rpartition("/")
        missing.append(step)
    attributes, content = raws.get(path, ("", ""))
    text = _raw_attribute(attribute, part) if attribute else ""
    if not attribute or missing:
        inner = "" if attribute else part
        for depth, step in enumerate(missing):
            inner = f"<{step}{text if depth == 0 else ''}>{inner}</{step}>"
        raws[path] = (attributes, content + inner)
    else:
        raws[path] = (attributes + text, content)


def _raw_attribute(name: str, part: str) -> str:
    if name.startswith("{"):
        uri, _, local = name[1:].partition("}")
        return f" xmlns:x='{escape_attribute(uri)}' x:{local}='{escape_attribute(part)}'"
    return f" {name}='{escape_attribute(part)}'"


def escape_attribute(text: str) -> str:
    return _UNSAFE.sub(lambda m: _ESCAPES[m[0]], text) if _UNSAFE.search(text) else text


def escape_text(text: str) -> str:
    return _UNSAFE.sub(lambda m: _IN_TEXT[m[0]], text) if _UNSAFE.search(text) else text


# ---------------------------------------------------------------------------------------------- writers


def _element_writer(made: Layout, element: Element, root: Step | None = None, fixed: tuple[tuple[str, str], ...] = ()) -> Write:
    """The writer of an element; of a block's own, which is always there, if `root` tells its name."""
    step, always = root or element.step, root is not None
    start, end, label = head(step) + _attributes(dict(fixed)), f"</{step.name}>\n", step.label if root is not None else ""
    attributes = _by_scope(element)
    texts = [_text_writer(s) for s in element.texts]
    present = [(s.scope, s.field.python) for s in element.presence]
    bare = [(s.scope, s.field.python, s.kind) for s in element.bare]
    children = [(_needs(made, c), _child_writer(made, c)) for c in element.children]
    path = element.path

    def write(env: Env, pad: str, raws: Raws | None) -> str:
        inside = f" {label}='{escape_attribute(env[0]['label'])}'" if label else ""
        for scope, writers in attributes:
            if env[scope] is not NOTHING:
                inside += "".join([w(env) for w in writers])
        text, shown = "", always
        for t in texts:
            found = t(env)
            if found is not None:
                inside, text, shown = inside + found[0], found[1], True
        deeper = pad + INDENT
        inner = ""
        for needs, child in children:
            for scope, features in needs:
                if not features.isdisjoint(env[scope]):
                    inner += child(env, deeper, raws)
                    break
            else:
                if raws is not None:
                    inner += child(env, deeper, raws)
        if raws is not None and path in raws:
            more, part = raws[path]
            inside, inner = inside + more, inner + indented(part, deeper)
        if not (inside or inner or shown or _shown(env, present, bare)):
            return ""
        if not inner:
            return f"{pad}{start}{inside}>{text}{end}" if text else f"{pad}{start}{inside}/>\n"
        return f"{pad}{start}{inside}>\n{inner}{pad}{end}" if not text else f"{pad}{start}{inside}>{text}{inner.strip()}{end}"

    return _repeat(made, element, write) if element.repeat else write


def _by_scope(element: Element) -> list[tuple[int, list[Callable[[Env], str]]]]:
    """The attributes, by the block that they are features of."""
    found: dict[int, list[Callable[[Env], str]]] = {}
    for slot in element.attributes:
        found.setdefault(slot.scope, []).append(_attribute_writer(slot))
    return list(found.items())


def _needs(made: Layout, child: Child) -> list[tuple[int, frozenset[str]]]:
    """What must be set, and in which block, for a child to be there."""
    if isinstance(child, Element) and not child.repeat:
        return [(scope, frozenset(features)) for scope, features in child.needs.items()]
    if isinstance(child, Element):
        scope = made.scopes[child.repeat]
        assert scope.field is not None
        return [(scope.parent, frozenset((scope.field.python,)))]
    return [(child.scope, frozenset((child.field.python,)))]


def _shown(env: Env, present: list[tuple[int, str]], bare: list[tuple[int, str, Kind]]) -> bool:
    if any(env[scope].get(python) for scope, python in present):
        return True
    return any(_is_bare(env[scope], python, kind) for scope, python, kind in bare)


def _is_bare(values: Values, python: str, kind: Kind) -> bool:
    value = values.get(python)
    if value is None:
        return False
    spelled = values["spelling"].get(python) if "spelling" in values else None
    return (kind.text(value) if spelled is None else spelled) == ""


def _repeat(made: Layout, element: Element, write: Write) -> Write:
    """One element for each block of the scope, if the block says anything in it."""
    scope = made.scopes[element.repeat]
    assert scope.field is not None
    fill, python, parent, label = _filler(scope), scope.field.python, scope.parent, element.step.label
    opening = head(element.step)
    inner_scopes = [scope, *_below(scope)]
    known = frozenset(paths(element))

    def repeated(env: Env, pad: str, raws: Raws | None) -> str:
        out = []
        for block in env[parent].get(python, ()):
            local = list(env)
            fill(local, block)
            own = raw_parts(local, inner_scopes, known) if any("raw" in local[s.index] for s in inner_scopes) else None
            text = write(local, pad, own)
            if text:
                at = len(pad) + len(opening)
                out.append(f"{text[:at]} {label}='{escape_attribute(block.label)}'{text[at:]}")
        return "".join(out)

    return repeated


def _below(scope: Scope) -> list[Scope]:
    return [s for child in scope.children for s in (child, *_below(child))]


def _attribute_writer(slot: Slot | Tag | Constant | Several) -> Callable[[Env], str]:
    if isinstance(slot, Constant):
        return _constant_writer(slot)
    if isinstance(slot, Several):
        return _several_writer(slot)
    scope, python, before = slot.scope, slot.field.python, f" {slot.name}='"
    if isinstance(slot, Tag):
        texts = {block: f"{before}{text}'" for block, text in slot.texts.items()}

        def tag(env: Env) -> str:
            value = env[scope].get(python)
            return "" if value is None or value.__dict__.get("implicit") else texts.get(type(value), "")

        return tag
    text, unit = slot.kind.text, f" unit='{slot.unit}'" if slot.unit else ""
    bare, only_with = slot.policy.startswith("bare"), slot.only_with

    def attribute(env: Env) -> str:
        values = env[scope]
        value = values.get(python)
        if value is None or (only_with and only_with not in values):
            return ""
        if "spelling" in values and python in values["spelling"]:
            return "" if bare and not values["spelling"][python] else _spelled(values["spelling"], python, before)
        found = text(value)
        if bare and not found:
            return ""
        if _UNSAFE.search(found):
            found = escape_attribute(found)
        return f"{before}{found}'{unit}"

    return attribute


def _constant_writer(slot: Constant) -> Callable[[Env], str]:
    scope, text = slot.scope, f" {slot.name}='{escape_attribute(slot.text)}'"
    return lambda env: text if env[scope] is not NOTHING else ""


def _several_writer(slot: Several) -> Callable[[Env], str]:
    scope, python, kind = slot.scope, slot.field.python, slot.kind

    def attributes(env: Env) -> str:
        value = env[scope].get(python)
        return "" if value is None else _attributes(kind.to_parts(value))

    return attributes


def _attributes(parts: Mapping[str, str]) -> str:
    return "".join([f" {name}='{escape_attribute(text)}'" for name, text in parts.items()])


def _spelled(spelling: Mapping[str, str], python: str, before: str) -> str:
    """libvirt's own text of a feature, with the unit that stood there or none."""
    unit = spelling.get(f"{python}.unit")
    return f"{before}{escape_attribute(spelling[python])}'" + ("" if unit is None else f" unit='{escape_attribute(unit)}'")


def _text_writer(slot: Slot | Tag) -> Callable[[Env], tuple[str, str] | None]:
    """The unit attribute, and the text."""
    scope, python = slot.scope, slot.field.python
    if isinstance(slot, Tag):
        texts = slot.texts
        return lambda env: ("", escape_text(texts[type(env[scope][python])])) if env[scope].get(python) is not None else None
    text, unit, unless = slot.kind.text, f" unit='{slot.unit}'" if slot.unit else "", slot.unless

    def content(env: Env) -> tuple[str, str] | None:
        values = env[scope]
        value = values.get(python)
        if value is None or (unless and unless in values):
            return None
        if "spelling" in values and python in values["spelling"]:
            own = values["spelling"].get(f"{python}.unit")
            return ("" if own is None else f" unit='{escape_attribute(own)}'", escape_text(values["spelling"][python]))
        return unit, escape_text(text(value))

    return content


def _child_writer(made: Layout, child: Child) -> Write:
    match child:
        case Element():
            return _element_writer(made, child)
        case Items():
            return _items_writer(child)
        case Entries():
            return _entries_writer(child)
        case Blocks():
            return _blocks_writer(child)


def _items_writer(items: Items) -> Write:
    scope, python, start, item = items.scope, items.field.python, head(items.step), items.kind.item.text
    attribute, end = items.name, f"</{items.step.name}>\n"
    parts = items.kind.item if isinstance(items.kind.item, Parts) else None

    def write(env: Env, pad: str, raws: Raws | None) -> str:
        values = env[scope].get(python)
        if not values:
            return ""
        if parts is not None:
            return "".join([f"{pad}{start}{_attributes(parts.to_parts(v))}/>\n" for v in values])
        if attribute:
            return "".join([f"{pad}{start} {attribute}='{escape_attribute(item(v))}'/>\n" for v in values])
        return "".join([f"{pad}{start}>{escape_text(item(v))}{end}" for v in values])

    return write


def _entries_writer(entries: Entries) -> Write:
    scope, python, start, kind = entries.scope, entries.field.python, head(entries.step), entries.line.kind
    end = f"</{entries.step.name}>\n"

    def entry(key: str, value: str) -> tuple[str, str]:
        """Attributes and content of one entry."""
        attributes = content = ""
        for place, text in ((entries.key, key), (entries.value, value)):
            a, c = _wrapped(place, text)
            attributes, content = attributes + a, content + c
        return attributes, content

    def write(env: Env, pad: str, raws: Raws | None) -> str:
        values = env[scope].get(python)
        if not values:
            return ""
        out = []
        for key, value in values.items():
            spelled = env[scope].get("spelling", NOTHING).get(f"{python}.{key}")
            attributes, content = entry(key, kind.text(value) if spelled is None else spelled)
            out.append(f"{pad}{start}{attributes}>{content}{end}" if content else f"{pad}{start}{attributes}/>\n")
        return "".join(out)

    return write


def _wrapped(place: Place, text: str) -> tuple[str, str]:
    """Text at a place below an entry's element, as the element's attributes and content."""
    if not place.steps:
        return (f" {place.attribute}='{escape_attribute(text)}'", "") if place.attribute else ("", escape_text(text))
    content = escape_text(text) if place.attribute is None else ""
    attributes = "" if place.attribute is None else f" {place.attribute}='{escape_attribute(text)}'"
    for step in reversed(place.steps):
        content = f"{head(step)}{attributes}>{content}</{step.name}>"
        attributes = ""
    return "", content


def _blocks_writer(blocks: Blocks) -> Write:
    scope, python, step, block, fixed = blocks.scope, blocks.field.python, blocks.step, blocks.block, blocks.fixed
    writer: BlockWriter | None = None

    def write(env: Env, pad: str, raws: Raws | None) -> str:
        nonlocal writer
        value = env[scope].get(python)
        if not value:
            return ""
        writer = writer or _writer(block, step, fixed)
        if isinstance(value, tuple):
            return "".join([writer(v, pad) for v in value])
        return writer(value, pad) if type(value) is block else ""

    return write


def indented(part: str, pad: str) -> str:
    """A raw part on a line of its own; what is inside it is not touched."""
    return f"{pad}{part.strip()}\n" if part.strip() else ""
