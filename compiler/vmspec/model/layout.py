"""The XML elements that a block's typed lines make: one static tree a class, read off the lines once.

Blocks whose features lie in another block's element (`cpu`, `emulator`, the variants of a source) are folded into its tree,
each as a *scope*; a block with an element of its own is a leaf that points to the tree of its class.
"""

from __future__ import annotations

from typing import TypeAlias

from vmspec.base.record import field as filled
from vmspec.base.record import record
from vmspec.model.block import Attr, Block, Choice, Field, Many, OpenMap, Sub, schema
from vmspec.model.kind import Kind, ListOf, Parts, Presence
from vmspec.model.place import NAMESPACES, Place, XmlStep, parse


@record(eq=False, slots=True)
class Scope:
    """A block whose features lie in this tree: the root's own, or one folded in. The first scope is the root's."""

    index: int
    block: type[Block]
    base: Element
    """Where its places start."""
    parent: int = 0
    field: Field | None = None
    """The parent's line that holds it; None for the root."""
    repeated: bool = False
    """A folded block of `Many`: there is one for each label."""
    children: list[Scope] = filled(default_factory=list)


@record(eq=False, slots=True)
class Slot:
    """A feature at an attribute or in the text of an element."""

    scope: int
    field: Field
    kind: Kind
    name: str
    """The attribute; "" for text."""
    policy: str = ""
    unless: str = ""
    """It stands here only while this other feature of the block is not set."""
    only_with: str = ""
    """It stands here only while this other feature of the block is set."""

    @property
    def unit(self) -> str:
        """The unit that goes beside our own spelling."""
        return self.kind.unit if self.kind.has_unit else ""  # type: ignore[attr-defined]


@record(eq=False, slots=True)
class Tag:
    """The discriminator of a choice: its text tells the variant."""

    scope: int
    field: Field
    name: str
    texts: dict[type[Block], str]


@record(eq=False, slots=True)
class Constant:
    """An attribute that always stands there while its variant is chosen."""

    scope: int
    name: str
    text: str


@record(eq=False, slots=True)
class Several:
    """A feature that is several attributes of an element."""

    scope: int
    field: Field
    kind: Parts


@record(eq=False, slots=True)
class Element:
    """One element; or, with `label` or inside a repeated scope, one for each block of that scope."""

    step: XmlStep
    path: str
    """From the root, as places are written."""
    repeat: int = 0
    """The repeated scope that makes one element for each of its blocks, where this is such an element."""
    attributes: list[Slot | Tag | Constant | Several] = filled(default_factory=list)
    texts: list[Slot | Tag] = filled(default_factory=list)
    presence: list[Slot] = filled(default_factory=list)
    bare: list[Slot] = filled(default_factory=list)
    """Features whose empty text means: this element, and nothing in it."""
    children: list[Child] = filled(default_factory=list)
    needs: dict[int, set[str]] = filled(default_factory=dict)
    """By scope, the features that make this element: where none is set, it is not there."""
    by_tag: dict[str, list[Child]] = filled(default_factory=dict)
    elements: dict[tuple[XmlStep, int], Element] = filled(default_factory=dict)
    """Those of the children that are elements of this tree, by step and `repeat`."""

    @property
    def tag(self) -> str:
        return self.step.tag


@record(eq=False, slots=True)
class Items:
    """A list with an element for each item."""

    step: XmlStep
    path: str
    scope: int
    field: Field
    kind: ListOf
    name: str
    """The attribute that holds the item; "" for the text, or where the items are Parts."""


@record(eq=False, slots=True)
class Entries:
    """A map with an element for each entry."""

    step: XmlStep
    path: str
    scope: int
    field: Field
    line: OpenMap
    key: Place
    value: Place


@record(eq=False, slots=True)
class Blocks:
    """Blocks with elements of their own."""

    step: XmlStep
    path: str
    scope: int
    field: Field
    block: type[Block]
    """For a choice: the variant."""
    fixed: tuple[tuple[str, str], ...] = ()
    """Of a variant: its discriminator and other constant attributes, where they lie in its own element."""

    @property
    def many(self) -> bool:
        return isinstance(self.field.line, Many)


Child: TypeAlias = Element | Items | Entries | Blocks


@record(eq=False, slots=True)
class Layout:
    block: type[Block]
    root: Element
    scopes: list[Scope]
    choices: list[tuple[int, Field, Place]]
    """Scope, line and discriminator of every choice of the tree."""


_LAYOUTS: dict[type[Block], Layout] = {}


def layout(block: type[Block]) -> Layout:
    known = _LAYOUTS.get(block)
    if known is None:
        known = _LAYOUTS[block] = _made(block)
    return known


def _made(block: type[Block]) -> Layout:
    steps = parse(block.element).steps
    root = Element(steps[-1] if steps else XmlStep(""), "")
    made = Layout(block, root, [Scope(0, block, root)], [])
    _fold(made, made.scopes[0])
    _sort(root, {path: at for at, path in enumerate(block.xml_order)})
    _index(made, root)
    return made


def head(step: XmlStep) -> str:
    """`<name` with the constant attributes, and the declaration of a prefix."""
    prefix, colon, _ = step.name.partition(":")
    declared = f" xmlns:{prefix}='{NAMESPACES[prefix]}'" if colon else ""
    return f"<{step.name}{declared}" + "".join(f" {name}='{text}'" for name, text in step.constants)


def _fold(made: Layout, scope: Scope) -> None:
    for place, text in scope.block.constants:
        at = parse(place)
        _descend(made, scope, at.steps).attributes.append(Constant(scope.index, at.attribute or "", text))
    for each in schema(scope.block):
        match each.line:
            case Attr(place=None) | OpenMap(place=None):
                pass
            case Attr():
                _add_attr(made, scope, each, each.line)
            case OpenMap():
                _add_map(made, scope, each, each.line)
            case Choice():
                _add_choice(made, scope, each, each.line)
            case Sub() | Many():
                _add_block(made, scope, each, each.types[0], each.line)


def _add_attr(made: Layout, scope: Scope, each: Field, line: Attr) -> None:
    place = parse(line.place or "")
    if place.steps and place.steps[-1].repeated:
        assert isinstance(line.kind, ListOf)
        parent = _descend(made, scope, place.steps[:-1])
        parent.children.append(Items(place.steps[-1], _join(parent, place.steps[-1]), scope.index, each, line.kind, place.attribute or ""))
        return
    element = _descend(made, scope, place.steps)
    if isinstance(line.kind, Parts):
        element.attributes.append(Several(scope.index, each, line.kind))
        return
    slot = Slot(scope.index, each, line.kind, place.attribute or "", line.policy)
    if line.policy.startswith("displaced:"):
        _, other, attribute = line.policy.split(":")
        slot.unless = other
        element.attributes.append(Slot(scope.index, each, line.kind, attribute, only_with=other))
    (element.presence if isinstance(line.kind, Presence) else element.attributes if place.attribute else element.texts).append(slot)
    if line.policy == "bare" and not isinstance(line.kind, Presence):
        element.bare.append(slot)
    if line.policy == "bare-parent":
        _descend(made, scope, place.steps[:-1]).bare.append(slot)


def _add_map(made: Layout, scope: Scope, each: Field, line: OpenMap) -> None:
    place = parse(line.place or "")
    parent = _descend(made, scope, place.steps[:-1])
    step = place.steps[-1]
    parent.children.append(Entries(step, _join(parent, step), scope.index, each, line, parse(line.key), parse(line.value)))


def _add_choice(made: Layout, scope: Scope, each: Field, line: Choice) -> None:
    on = parse(line.on)
    made.choices.append((scope.index, each, on))
    inside = {t: on.attribute is not None and on.steps != () and on.steps == _steps(t, line) for t in each.types}
    texts = {t: t.when or t.tag for t in each.types if line.on and not inside[t]}
    if texts:
        element = _descend(made, scope, on.steps)
        (element.attributes if on.attribute else element.texts).append(Tag(scope.index, each, on.attribute or "", texts))
    for variant in each.types:
        fixed = ((on.attribute or "", variant.when or variant.tag),) if inside[variant] else ()
        _add_block(made, scope, each, variant, line, fixed)


def _steps(block: type[Block], line: Sub | Many | Choice) -> tuple[XmlStep, ...]:
    return parse(block.element if line.at is None else line.at).steps


def _add_block(
    made: Layout, scope: Scope, each: Field, block: type[Block], line: Sub | Many | Choice, fixed: tuple[tuple[str, str], ...] = ()
) -> None:
    steps = _steps(block, line)
    if steps:
        parent = _descend(made, scope, steps[:-1])
        parent.children.append(Blocks(steps[-1], _join(parent, steps[-1]), scope.index, each, block, fixed))
        return
    folded = Scope(len(made.scopes), block, scope.base, scope.index, each, isinstance(line, Many))
    made.scopes.append(folded)
    scope.children.append(folded)
    _fold(made, folded)


def _descend(made: Layout, scope: Scope, steps: tuple[XmlStep, ...]) -> Element:
    """The element at these steps from the scope's base, made where it is not there yet."""
    at = scope.base
    for step in steps:
        repeat = _repeated(made, scope) if step.label else 0
        found = at.elements.get((step, repeat))
        if found is None:
            found = at.elements[step, repeat] = Element(step, _join(at, step), repeat)
            at.children.append(found)
        at = found
    return at


def _repeated(made: Layout, scope: Scope) -> int:
    while not scope.repeated:
        if scope.index == 0:
            raise ValueError(f"{scope.block.__name__}: a label in a place of a block without labels")
        scope = made.scopes[scope.parent]
    return scope.index


def _join(parent: Element, step: XmlStep) -> str:
    conditions = "".join(f"[@{a}='{v}']" for a, v in step.constants) + (f"[@{step.label}=$label]" if step.label else "")
    return f"{parent.path}/{step.name}{conditions}".lstrip("/")


def _sort(element: Element, order: dict[str, int]) -> None:
    """Children with a place in the usual order first, the others as they are."""
    if order:
        element.children.sort(key=lambda child: order.get(child.path, len(order)))
        for child in element.children:
            if isinstance(child, Element):
                _sort(child, order)


def _index(made: Layout, element: Element) -> None:
    """Fills `needs` and `by_tag`, from the leaves up."""
    for slot in (*element.attributes, *element.texts, *element.presence, *element.bare):
        if isinstance(slot, Constant):
            _need(element, *_holder(made.scopes[slot.scope]))
        else:
            _need(element, slot.scope, slot.field.python)
    for child in element.children:
        element.by_tag.setdefault(child.step.tag, []).append(child)
        if not isinstance(child, Element):
            _need(element, child.scope, child.field.python)
            continue
        _index(made, child)
        if child.repeat:
            _need(element, *_holder(made.scopes[child.repeat]))
        else:
            for scope, pythons in child.needs.items():
                element.needs.setdefault(scope, set()).update(pythons)


def _need(element: Element, scope: int, python: str) -> None:
    element.needs.setdefault(scope, set()).add(python)


def _holder(scope: Scope) -> tuple[int, str]:
    """The feature that holds a folded block."""
    assert scope.field is not None
    return scope.parent, scope.field.python
