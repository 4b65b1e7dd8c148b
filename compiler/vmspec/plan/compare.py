"""Two domains by meaning: devices are paired by alias, then by MAC, target or source, then by content; values by what they say.

Both sides have been read from XML, so that spelling, units, bitmaps and the order of devices make no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from vmspec.base.provenance import Path
from vmspec.model.block import Attr, Block, Choice, Field, Many, OpenMap, Sub, schema
from vmspec.model.domain import Domain
from vmspec.model.kind import ListOf
from vmspec.model.show import as_read
from vmspec.plan.change import Difference

PairingKey: TypeAlias = Callable[[Block], object]
Pair: TypeAlias = tuple[Block | None, Block | None]

IGNORED = frozenset(("implicit", "label"))
"""How a document is spelt, not what it says."""
SECRET = frozenset(("passwd",))
"""Features that libvirt shows to nobody who has not asked for secrets, and we do not ask (VIR_DOMAIN_XML_SECURE)."""


def differences(before: Block, after: Block) -> Iterator[Difference]:
    """What makes the second of the first; paths are those of the second where both have a device."""
    return _block(before, after, ())


def those_among(some: Iterable[Difference], others: Iterable[Difference]) -> frozenset[Path]:
    """The paths of those that differ in the others too: in the same feature, in the device that it belongs to, or in a part of it."""
    paths = {each.path for each in others}
    return frozenset(each.path for each in some if each.path in paths or any(_related(each.path, path) for path in paths))


def _related(one: Path, other: Path) -> bool:
    size = min(len(one), len(other))
    return one[:size] == other[:size]


def relabelled(domain: Domain, like: Domain) -> Domain:
    """With the labels that its devices have in another domain: those of XML are made of aliases and targets, a program's are its own."""
    changed: dict[str, object] = {}
    for field in schema(Domain):
        if isinstance(field.line, Many):
            own, other = vars(domain).get(field.python) or (), vars(like).get(field.python) or ()
            labels = {id(a): b.label for a, b in pairs(own, other, field.line) if a is not None and b is not None}
            if any(labels.get(id(each), each.label) != each.label for each in own):
                changed[field.python] = tuple(each.but(label=labels.get(id(each), each.label)) for each in own)
    return domain.but(**changed) if changed else domain


def _block(before: Block | None, after: Block | None, path: Path) -> Iterator[Difference]:
    if before is after:
        return
    old: Mapping[str, Any] = {} if before is None else vars(before)
    new: Mapping[str, Any] = {} if after is None else vars(after)
    kind = type(after if after is not None else before)
    assert issubclass(kind, Block)
    for field in schema(kind):
        a, b = old.get(field.python), new.get(field.python)
        if a is not b and field.name not in IGNORED and field.name not in SECRET:
            yield from _field(field, a, b, (*path, field.name))
    yield from _raw(old.get("raw") or {}, new.get("raw") or {}, path)


def _field(field: Field, a: Any, b: Any, path: Path) -> Iterator[Difference]:
    match field.line:
        case Attr(kind=kind):
            if isinstance(kind, ListOf) and kind.unordered:
                if sorted(map(str, a or ())) != sorted(map(str, b or ())):
                    yield Difference(path, a, b)
            elif a != b:
                yield Difference(path, as_read(kind, a), as_read(kind, b))
        case OpenMap():
            yield from _map(a or {}, b or {}, path)
        case Choice():
            if a is None or b is None or type(a) is not type(b):
                if a is not b and not _both_empty(a, b):
                    yield Difference(path, a, b)
            else:
                yield from _block(a, b, path)
        case Sub():
            if (a is None) != (b is None) and field.types[0].element and not _said(a if b is None else b)[1]:
                yield Difference(path, a, b)
            yield from _block(a, b, path)
        case Many():
            for x, y in pairs(a or (), b or (), field.line):
                label = (y if y is not None else x).label  # type: ignore[union-attr]
                if (x is None or y is None) and not is_counted(type(y if y is not None else x), field.line):
                    yield Difference((*path, label), x, y)
                else:
                    yield from _block(x, y, (*path, label))


def _both_empty(a: object, b: object) -> bool:
    return not a and not b


def _map(a: Mapping[str, Any], b: Mapping[str, Any], path: Path) -> Iterator[Difference]:
    for key in dict.fromkeys((*a, *b)):
        if a.get(key) != b.get(key):
            yield Difference((*path, key), a.get(key), b.get(key))


def _raw(a: Mapping[str, str], b: Mapping[str, str], path: Path) -> Iterator[Difference]:
    """Parts that the model does not know, by place; as XML: prefixes and white space between elements say nothing."""
    for place in dict.fromkeys((*a, *b)):
        if _meaning(place, a.get(place)) != _meaning(place, b.get(place)):
            yield Difference((*path, "xml", place) if place else (*path, "xml"), a.get(place), b.get(place))


def _meaning(place: str, part: str | None) -> object:
    if part is None or "@" in place or "<" not in part:
        return part
    from vmspec.normal.xml_tree import xml_tree

    return xml_tree(part)


# -------------------------------------------------------------------------------------------------- pairing


def _feature(*names: str) -> PairingKey:
    """The values of features, as one key; None unless all are set."""

    def key(block: Block) -> object:
        values = [vars(block).get(name) for name in names]
        return None if None in values else tuple(map(_said, values))

    return key


def _content(block: Block) -> object:
    return _said(block.but(alias=None))


def _said(value: object) -> Any:
    """A value that can be a key; of a block what it says, not how it is spelt."""
    match value:
        case Block():
            held = vars(value).items()
            return type(value).__name__, tuple((name, _said(v)) for name, v in held if v and name not in ("label", "spelling", "implicit"))
        case Mapping():
            return tuple((name, _said(v)) for name, v in value.items())
        case tuple():
            return tuple(map(_said, value))
        case _:
            return value


KEYS: tuple[PairingKey, ...] = (
    _feature("alias"),
    _feature("mac"),
    _feature("type", "index", "model"),  # companions of a USB controller share its index
    _feature("type", "index"),
    _feature("target", "port"),
    _feature("target"),
    _feature("path"),
    _feature("source"),
    _content,
    _feature("type", "bus"),
    _feature("type"),
    _feature("model"),
)
"""By which two devices are the same one, the surest first. A device that has none of these is paired by its label."""


def is_counted(kind: type, line: Many) -> bool:
    """Whether a label stands in the XML itself: such blocks (vCPUs, cells, threads) are no devices, but numbers with features."""
    return line.numbered or (issubclass(kind, Block) and "=$label" in kind.element)


def pairs(before: tuple[Block, ...], after: tuple[Block, ...], line: Many) -> list[Pair]:
    """Each device with its other self; in the order of `after`, then what is only in `before`."""
    if not before and not after:
        return []
    if is_counted(type((after or before)[0]), line):
        known = {b.label: b for b in before}
        found: list[Pair] = [(known.pop(b.label, None), b) for b in after]
        return [*found, *((b, None) for b in known.values())]
    partner: dict[int, Block] = {}
    old, new = list(before), list(after)
    for key in KEYS:
        if not old or not new:
            break
        old, new = _paired(old, new, key, partner)
    return [(partner.get(id(b)), b) for b in after] + [(b, None) for b in old]


def _paired(old: list[Block], new: list[Block], key: PairingKey, partner: dict[int, Block]) -> tuple[list[Block], list[Block]]:
    """Pairs by one key; what is left of both. Equal keys are paired in their order."""
    waiting: dict[object, list[Block]] = {}
    for block in old:
        value = key(block)
        if value is not None:
            waiting.setdefault(value, []).append(block)
    left: list[Block] = []
    used: set[int] = set()
    for block in new:
        value = key(block)
        same = waiting.get(value) if value is not None else None
        if same:
            partner[id(block)] = same.pop(0)
            used.add(id(partner[id(block)]))
        else:
            left.append(block)
    return [block for block in old if id(block) not in used], left
