"""A block as XML text, from its typed lines and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from vmspec.emit.extra import Raws, indented, placed
from vmspec.emit.values import NOTHING, Values, attributes_of, attributes_writer, escape_attribute, escape_text, is_bare, text_writer
from vmspec.emit.values import ValueWriter as WriteValues
from vmspec.model.block import Block
from vmspec.model.domain import Domain
from vmspec.model.kind import Parts
from vmspec.model.layout import Blocks, Child, Constant, Element, Entries, Items, Layout, Scope, Several, Slot, Tag, head, layout
from vmspec.model.place import Place, XmlStep

INDENT = "  "

Env: TypeAlias = list[Values]
"""By scope of a layout: the features of its block."""

Emitter: TypeAlias = Callable[[Env, str, Raws | None], str]
"""The text of an element, ended by a newline; "" where nothing makes it stand there. The second argument is the indentation."""

BlockWriter: TypeAlias = Callable[[Block, str], str]
Fixed: TypeAlias = tuple[tuple[str, str], ...]


def domain_xml(domain: Domain) -> str:
    """The whole document; the same domain always gives the same bytes."""
    return block_xml(domain)


def block_xml(block: Block, pad: str = "") -> str:
    """One block with an element of its own."""
    return _block_writer(type(block), layout(type(block)).root.step)(block, pad)


_KEPT = 4096
"""Blocks that many objects share are written once; this many are remembered, for each class."""

_BLOCK_WRITERS: dict[tuple[type[Block], XmlStep, Fixed], BlockWriter] = {}


def _block_writer(block: type[Block], step: XmlStep, fixed: Fixed = ()) -> BlockWriter:
    """Writes blocks of a class as the element of this step, with these attributes."""
    key = (block, step, fixed)
    known = _BLOCK_WRITERS.get(key)
    if known is None:
        known = _BLOCK_WRITERS[key] = _made_block_writer(layout(block), step, fixed)
    return known


def _made_block_writer(made: Layout, step: XmlStep, fixed: Fixed) -> BlockWriter:
    fill, size = _filler(made.scopes[0]), len(made.scopes)
    folded = [s for s in made.scopes if not s.repeated]
    root = _element_writer(made, made.root, step, fixed)
    fragments: dict[tuple[int, str], tuple[Block, str]] = {}

    def write(block: Block, pad: str) -> str:
        key = (id(block), pad)
        if key in fragments:
            return fragments[key][1]
        env: Env = [NOTHING] * size
        fill(env, block)
        text = root(env, pad, placed(env, folded, made.root))
        if pad:
            if len(fragments) >= _KEPT:
                fragments.clear()
            # The block is kept beside its text, so that no other block gets its identity.
            fragments[key] = (block, text)
        return text

    return write


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
            if python in values and type(values[python]) is kind:
                put(env, values[python])

    return fill


# ------------------------------------------------------------------------------------------------- elements


def _element_writer(made: Layout, element: Element, root: XmlStep | None = None, fixed: Fixed = ()) -> Emitter:
    """The writer of an element; of a block's own, which is always there, if `root` tells its name."""
    full = _full_writer(made, element, root, fixed)
    if element.repeat:
        return _repeated_writer(made, element, full)
    if root is not None or element.children or element.presence or element.bare:
        return full
    if element.texts and not element.attributes and len(element.texts) == 1:
        return _text_element(element, full)
    return _leaf(element, full) if not element.texts else full


def _full_writer(made: Layout, element: Element, root: XmlStep | None, fixed: Fixed) -> Emitter:
    step, always = root or element.step, root is not None
    start, end, label = head(step) + attributes_of(dict(fixed)), f"</{step.name}>\n", step.label if root is not None else ""
    attributes = _by_scope(element)
    texts = [(s.scope, text_writer(s)) for s in element.texts]
    makers = [(s.scope, s.field.python) for s in element.presence]
    bare = [(s.scope, s.field.python, s.kind) for s in element.bare]
    children = _children(made, element)
    path = element.path

    def write(env: Env, pad: str, raws: Raws | None) -> str:
        inside = f" {label}='{escape_attribute(env[0]['label'])}'" if label else ""
        for scope, writer in attributes:
            if env[scope] is not NOTHING:
                inside += writer(env[scope])
        text, shown = "", always
        for scope, content in texts:
            found = content(env[scope])
            if found is not None:
                inside, text, shown = inside + found[0], found[1], True
        inner = _inner(children, env, pad + INDENT, raws) if children else ""
        if raws is not None and path in raws:
            more, part = raws[path]
            words, sign, elements = part.partition("<")  # of like elements, those that a line knows come first
            inside, text, inner = inside + more, text + words, inner + indented(sign + elements, pad + INDENT)
        shown = shown or bool(inside or inner or text) or any(env[s].get(p) for s, p in makers)
        if not (shown or any(is_bare(env[s], p, k) for s, p, k in bare)):
            return ""
        if not inner:
            return f"{pad}{start}{inside}>{text}{end}" if text else f"{pad}{start}{inside}/>\n"
        return f"{pad}{start}{inside}>\n{inner}{pad}{end}" if not text else f"{pad}{start}{inside}>{text}{inner.strip()}{end}"

    return write


Needs: TypeAlias = list[tuple[int, frozenset[str]]]


def _children(made: Layout, element: Element) -> list[tuple[Needs, Emitter]]:
    """The writers of what lies in an element, each with what must be set for it; all variants of a choice are one."""
    found: list[tuple[Needs, Emitter]] = []
    done: set[tuple[int, str]] = set()
    for child in element.children:
        if not isinstance(child, Blocks):
            found.append((_needs(made, child), _later(partial(_child_writer, made, child))))
            continue
        key = (child.scope, child.field.python)
        if key not in done:
            done.add(key)
            variants = [c for c in element.children if isinstance(c, Blocks) and (c.scope, c.field.python) == key]
            found.append((_needs(made, child), _blocks_writer(variants)))
    return found


def _later(make: Callable[[], Emitter]) -> Emitter:
    """Most of what a tree has room for is in no VM of a build: its writer is made when the first one comes by that has it."""
    made: Emitter | None = None

    def write(env: Env, pad: str, raws: Raws | None) -> str:
        nonlocal made
        if made is None:
            made = make()
        return made(env, pad, raws)

    return write


def _inner(children: list[tuple[Needs, Emitter]], env: Env, pad: str, raws: Raws | None) -> str:
    """What lies in an element. Most children of a large tree are not there: that is found out before they are written."""
    out = ""
    for needs, child in children:
        for scope, features in needs:
            if not features.isdisjoint(env[scope]):
                out += child(env, pad, raws)
                break
        else:
            if raws is not None:
                out += child(env, pad, raws)
    return out


def _leaf(element: Element, full: Emitter) -> Emitter:
    """An element that has attributes and nothing else."""
    start, attributes = head(element.step), _by_scope(element)
    if len(attributes) != 1:
        return full
    scope, writer = attributes[0]

    def write(env: Env, pad: str, raws: Raws | None) -> str:
        if raws is not None:
            return full(env, pad, raws)
        values = env[scope]
        inside = writer(values) if values is not NOTHING else ""
        return f"{pad}{start}{inside}/>\n" if inside else ""

    return write


def _text_element(element: Element, full: Emitter) -> Emitter:
    """An element that has a text and nothing else."""
    slot = element.texts[0]
    start, end, scope, content = head(element.step), f"</{element.step.name}>\n", slot.scope, text_writer(slot)

    def write(env: Env, pad: str, raws: Raws | None) -> str:
        found = content(env[scope]) if raws is None else None
        if found is None:
            return full(env, pad, raws) if raws is not None else ""
        return f"{pad}{start}{found[0]}>{found[1]}{end}"

    return write


def _by_scope(element: Element) -> list[tuple[int, WriteValues]]:
    """The attributes, by the block that they are features of."""
    slots: dict[int, list[Slot | Tag | Constant | Several]] = {}
    for slot in element.attributes:
        slots.setdefault(slot.scope, []).append(slot)
    return [(scope, attributes_writer(group)) for scope, group in slots.items()]


def _needs(made: Layout, child: Child) -> Needs:
    """What must be set, and in which block, for a child to be there."""
    if isinstance(child, Element) and not child.repeat:
        return [(scope, frozenset(features)) for scope, features in child.needs.items()]
    if isinstance(child, Element):
        scope = made.scopes[child.repeat]
        assert scope.field is not None
        return [(scope.parent, frozenset((scope.field.python,)))]
    return [(child.scope, frozenset((child.field.python,)))]


def _repeated_writer(made: Layout, element: Element, write: Emitter) -> Emitter:
    """One element for each block of the scope, if the block says anything in it."""
    scope = made.scopes[element.repeat]
    assert scope.field is not None
    fill, python, parent, label = _filler(scope), scope.field.python, scope.parent, element.step.label
    at, scopes = len(head(element.step)), [scope, *_below(scope)]

    def repeated(env: Env, pad: str, raws: Raws | None) -> str:
        out, local = "", list(env)
        for block in env[parent].get(python, ()):
            for each in scopes:
                local[each.index] = NOTHING
            fill(local, block)
            text = write(local, pad, placed(local, scopes, element))
            if text:
                name = len(pad) + at
                out += f"{text[:name]} {label}='{escape_attribute(block.label)}'{text[name:]}"
        return out

    return repeated


def _below(scope: Scope) -> list[Scope]:
    return [s for child in scope.children for s in (child, *_below(child))]


# ------------------------------------------------------------------------------------------------- children


def _child_writer(made: Layout, child: Element | Items | Entries) -> Emitter:
    match child:
        case Element():
            return _element_writer(made, child)
        case Items():
            return _items_writer(child)
        case Entries():
            return _entries_writer(child)


def _items_writer(items: Items) -> Emitter:
    scope, python, start, kind = items.scope, items.field.python, head(items.step), items.kind.item
    attribute, end = items.name, f"</{items.step.name}>\n"

    def element(value: object) -> str:
        if isinstance(kind, Parts):
            return f"{start}{attributes_of(kind.to_parts(value))}/>\n"  # type: ignore[arg-type]
        text = kind.text(value)  # type: ignore[arg-type]
        return f"{start} {attribute}='{escape_attribute(text)}'/>\n" if attribute else f"{start}>{escape_text(text)}{end}"

    def write(env: Env, pad: str, raws: Raws | None) -> str:
        return "".join([pad + element(value) for value in env[scope].get(python) or ()])

    return write


def _entries_writer(entries: Entries) -> Emitter:
    scope, python, start, text = entries.scope, entries.field.python, head(entries.step), entries.line.kind.text
    key_at, value_at, end = entries.key, entries.value, f"</{entries.step.name}>\n"

    def write(env: Env, pad: str, raws: Raws | None) -> str:
        out = ""
        for key, value in (env[scope].get(python) or NOTHING).items():
            key_attributes, key_content = _wrapped(key_at, key)
            value_attributes, value_content = _wrapped(value_at, text(value))
            content = key_content + value_content
            out += f"{pad}{start}{key_attributes}{value_attributes}" + (f">{content}{end}" if content else "/>\n")
        return out

    return write


def _wrapped(place: Place, text: str) -> tuple[str, str]:
    """Text at a place below an entry's element, as the element's attributes and content."""
    content = escape_text(text) if place.attribute is None else ""
    attributes = "" if place.attribute is None else f" {place.attribute}='{escape_attribute(text)}'"
    for step in reversed(place.steps):
        content, attributes = f"{head(step)}{attributes}>{content}</{step.name}>", ""
    return attributes, content


def _blocks_writer(variants: list[Blocks]) -> Emitter:
    """Blocks with elements of their own; of a choice, whichever variant there is."""
    scope, python = variants[0].scope, variants[0].field.python
    by_class = {blocks.block: blocks for blocks in variants}
    writers: dict[type[Block], BlockWriter] = {}

    def one(value: Block, pad: str) -> str:
        block = type(value)
        writer = writers.get(block)
        if writer is None:
            if block not in by_class:
                return ""
            # Made at the first use: a layer of a backing chain holds layers of its own class.
            writer = writers[block] = _block_writer(block, by_class[block].step, by_class[block].fixed)
        return writer(value, pad)

    def write(env: Env, pad: str, raws: Raws | None) -> str:
        value = env[scope].get(python)
        if not value:
            return ""
        return "".join([one(v, pad) for v in value]) if isinstance(value, tuple) else one(value, pad)

    return write
