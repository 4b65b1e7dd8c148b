"""Where each value of a block stands in the XML that is made of it: a walk over the same tree that emission takes.

The walk depends on which features are set, not on their values, so that objects of one shape share it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from vmspec.base.provenance import Path, Provenance, Step, StepKind
from vmspec.emit.artifact import SourceMapping
from vmspec.lower.fleet import Object, layer_of
from vmspec.model.block import Attr, Block, schema
from vmspec.model.kind import Kind, ListOf, Parts
from vmspec.model.layout import Blocks, Child, Constant, Element, Entries, Items, Layout, Scope, Several, Slot, Tag, layout
from vmspec.model.place import Place

FoundPlaces: TypeAlias = list[tuple[str, Path]]
"""Places from the walked element, and the paths of the values from the walked block."""
BlockShape: TypeAlias = tuple[object, ...]

KEPT = 2048
"""Shapes, and blocks with theirs, that are remembered."""
_found: dict[BlockShape, FoundPlaces] = {}
_exacts: dict[type[Block], frozenset[str]] = {}
_shapes: dict[int, tuple[Block, BlockShape]] = {}


def marks(of: Object[Any]) -> tuple[SourceMapping, ...]:
    """Every attribute and text of the XML of an object, with its trail; one that has none of its own has that of what it lies in."""
    return tuple([(place, trail) for (place, _), (_, trail) in zip(places(of.spec), trails_of(of), strict=True)])


def trails_of(of: Object[Any]) -> list[tuple[Path, Provenance]]:
    """The same by the path of each value, in the order of the XML."""
    trails = of.trails
    whole: Provenance = (Step(StepKind.SET, layer_of(of.kind, of.name, of.span), of.span),)
    return [(path, trails.get(path) or _enclosing(trails, path) or whole) for _, path in places(of.spec)]


def _enclosing(trails: Mapping[Path, Provenance], path: Path) -> Provenance | None:
    """Of what the value is a part of; else the first thing that is set in the same block."""
    at = path[:-1]
    while at:
        found = trails.get(at)
        if found:
            return found
        size = len(at)
        found = next((trail for other, trail in trails.items() if other[:size] == at and trail), None)
        if found:
            return found
        at = at[:-1]
    return None


def places(block: Block) -> FoundPlaces:
    """For the root of a document."""
    root = layout(type(block)).root
    shape = shape_of(block)
    known = _found.get(shape)
    if known is None:
        if len(_found) >= KEPT:
            _found.clear()
        walked = _Walk(layout(type(block)), block, ()).element(root, f"/{root.step.name}", None)
        known = _found[shape] = list(dict.fromkeys(walked))
    return known


def shape_of(block: Block) -> BlockShape:
    """Equal for two blocks of which the same features are set."""
    kept = _shapes.get(id(block))
    if kept is not None:
        return kept[1]
    if len(_shapes) >= KEPT:
        _shapes.clear()
    exact = _exact(type(block))
    held = vars(block).items()
    shape = (type(block), *[(name, value if name in exact else _part(value)) for name, value in held if value is not None])
    _shapes[id(block)] = (block, shape)
    return shape


def _part(value: object) -> object:
    match value:
        case Block():
            return shape_of(value)
        case tuple():
            return tuple([shape_of(item) if isinstance(item, Block) else None for item in value])
        case Mapping():
            return tuple(value)
        case bool():
            return value
        case _:
            return value != ""


def _exact(block: type[Block]) -> frozenset[str]:
    """Features whose very value counts: the label, which is a part of paths, and what is spread over several attributes."""
    known = _exacts.get(block)
    if known is None:
        lines = [(each.python, each.line) for each in schema(block)]
        known = _exacts[block] = frozenset(["label", *(name for name, line in lines if isinstance(line, Attr) and _spread(line.kind))])
    return known


def _spread(kind: Kind) -> bool:
    return isinstance(kind, Parts) or (isinstance(kind, ListOf) and isinstance(kind.item, Parts))


class _Walk:
    """One block's own tree, with what is folded into it."""

    def __init__(self, made: Layout, block: Block, path: Path) -> None:
        self._made = made
        self._blocks: list[Block | None] = [None] * len(made.scopes)
        self._paths: list[Path] = [()] * len(made.scopes)
        self._set(made.scopes[0], block, path)

    def _set(self, scope: Scope, block: Block, path: Path) -> None:
        self._blocks[scope.index], self._paths[scope.index] = block, path
        for inner in scope.children:
            assert inner.field is not None
            value = vars(block).get(inner.field.python)
            if not inner.repeated and type(value) is inner.block:
                assert isinstance(value, Block)
                self._set(inner, value, (*path, inner.field.name))

    def element(self, element: Element, place: str, label: str | None, fixed: tuple[tuple[str, str], ...] = ()) -> FoundPlaces:
        """Of one element that stands there; empty where nothing is in it."""
        found: FoundPlaces = []
        for slot in element.attributes:
            found += self._attribute(slot, place)
        for slot in element.texts:
            found += self._value(slot, place, "")
        for slot in (*element.presence, *element.bare):
            if self._held(slot.scope, slot.field.python) is not None:
                found.append((place, self._path(slot)))
        found += self._children(element, place)
        if not found and label is None and not fixed:
            return []
        nearest = found[0][1] if found else self._paths[0]
        own = [(f"{place}/@{name}", self._paths[0] or nearest) for name, _ in fixed]
        own += [(f"{place}/@{name}", nearest) for name, _ in element.step.constants]
        if label:
            own.append((f"{place}/@{label}", nearest))
        return own + found

    def _held(self, scope: int, python: str) -> object:
        block = self._blocks[scope]
        return None if block is None else vars(block).get(python)

    def _path(self, slot: Slot | Tag | Several) -> Path:
        return (*self._paths[slot.scope], slot.field.name)

    def _attribute(self, slot: Slot | Tag | Constant | Several, place: str) -> FoundPlaces:
        match slot:
            case Constant():
                return [(f"{place}/@{slot.name}", self._paths[slot.scope])] if self._blocks[slot.scope] is not None else []
            case Several():
                value: Any = self._held(slot.scope, slot.field.python)
                return [] if value is None else [(f"{place}/@{name}", self._path(slot)) for name in slot.kind.to_parts(value)]
            case Slot() | Tag():
                return self._value(slot, place, slot.name)

    def _value(self, slot: Slot | Tag, place: str, name: str) -> FoundPlaces:
        if self._held(slot.scope, slot.field.python) is None or (isinstance(slot, Slot) and not self._stands(slot)):
            return []
        path = self._path(slot)
        unit = [(f"{place}/@unit", path)] if isinstance(slot, Slot) and slot.unit else []
        return [(f"{place}/@{name}" if name else place, path), *unit]

    def _stands(self, slot: Slot) -> bool:
        """Whether it is here that the value is written."""
        if slot.unless and self._held(slot.scope, slot.unless) is not None:
            return False
        return not slot.only_with or self._held(slot.scope, slot.only_with) is not None

    def _children(self, element: Element, place: str) -> FoundPlaces:
        found: FoundPlaces = []
        count: dict[str, int] = {}
        for child in element.children:
            name = child.step.name
            for at in self._each(child, _Counter(place, name, count)):
                found += at
        return found

    def _each(self, child: Child, counter: _Counter) -> Iterator[FoundPlaces]:
        match child:
            case Element():
                yield from self._elements(child, counter)
            case Items():
                yield from self._items(child, counter)
            case Entries():
                yield from self._entries(child, counter)
            case Blocks():
                yield from self._inner(child, counter)

    def _elements(self, child: Element, counter: _Counter) -> Iterator[FoundPlaces]:
        if not child.repeat:
            yield counter.taken(self.element(child, counter.place, None))
            return
        scope = self._made.scopes[child.repeat]
        assert scope.field is not None
        held: Any = self._held(scope.parent, scope.field.python) or ()
        for block in held:
            self._set(scope, block, (*self._paths[scope.parent], scope.field.name, block.label))
            inside = self.element(child, counter.place, None)
            if inside:
                yield counter.taken([(f"{counter.place}/@{child.step.label}", self._paths[scope.index]), *inside])
        self._forget(scope)

    def _forget(self, scope: Scope) -> None:
        self._blocks[scope.index] = None
        for inner in scope.children:
            self._forget(inner)

    def _items(self, child: Items, counter: _Counter) -> Iterator[FoundPlaces]:
        values: Any = self._held(child.scope, child.field.python) or ()
        path = (*self._paths[child.scope], child.field.name)
        for value in values:
            if isinstance(child.kind.item, Parts):
                names = [f"/@{name}" for name in child.kind.item.to_parts(value)]
            else:
                names = [f"/@{child.name}" if child.name else ""]
            names += [f"/@{name}" for name, _ in child.step.constants]
            yield counter.taken([(f"{counter.place}{name}", path) for name in names])

    def _entries(self, child: Entries, counter: _Counter) -> Iterator[FoundPlaces]:
        held: Any = self._held(child.scope, child.field.python) or {}
        for key in held:
            path = (*self._paths[child.scope], child.field.name, key)
            yield counter.taken([(f"{counter.place}{_below(at)}", path) for at in (child.key, child.value)])

    def _inner(self, child: Blocks, counter: _Counter) -> Iterator[FoundPlaces]:
        value: Any = self._held(child.scope, child.field.python)
        path = (*self._paths[child.scope], child.field.name)
        blocks = value if isinstance(value, tuple) else (value,) if type(value) is child.block else ()
        for block in blocks:
            own = (*path, block.label) if isinstance(value, tuple) else path
            made = layout(type(block))
            walk = _Walk(made, block, own)
            inside = walk.element(made.root, counter.place, child.step.label or None, child.fixed)
            inside += [(f"{counter.place}/@{name}", own) for name, _ in child.step.constants]
            yield counter.taken(inside or [(counter.place, own)])


class _Counter:
    """Numbers the siblings of one name, as places do."""

    def __init__(self, parent: str, name: str, count: dict[str, int]) -> None:
        self._parent, self._name, self._count = parent, name, count

    @property
    def place(self) -> str:
        number = self._count.get(self._name, 0) + 1
        return f"{self._parent}/{self._name}[{number}]" if number > 1 else f"{self._parent}/{self._name}"

    def taken(self, found: FoundPlaces) -> FoundPlaces:
        """One element more, if it stands there."""
        if found:
            self._count[self._name] = self._count.get(self._name, 0) + 1
        return found


def _below(place: Place) -> str:
    steps = "".join(f"/{step.name}" for step in place.steps)
    return f"{steps}/@{place.attribute}" if place.attribute else steps
