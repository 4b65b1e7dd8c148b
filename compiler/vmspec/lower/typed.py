"""Converts evaluated values to the model's blocks; objects that share values share the blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

from vmspec.base.provenance import Path, Provenance, Step, StepKind
from vmspec.base.record import record
from vmspec.evaluate.evaluated import Evaluated, SettledObject, SettledValue
from vmspec.lower.fleet import Fleet, HostObject, Object, Vm, layer_of
from vmspec.model.block import Attr, Block, Field, Many, OpenMap, Sub, schema
from vmspec.model.domain import Domain
from vmspec.model.kind import spelled_text
from vmspec.model.kinds import ObjectKind, definitions
from vmspec.model.written import as_written

FeatureValues: TypeAlias = dict[str, Any]


def type_(settled: Evaluated) -> Fleet:
    """Convert all objects, each kind in source order."""
    memo = _Memo()
    found: dict[ObjectKind, tuple[Object[Any], ...]] = {
        kind: tuple(_object(each, kind, memo) for each in settled.of(kind)) for kind in ObjectKind
    }
    others = {kind: found[kind] for kind in definitions() if found[kind]}
    vms, hosts = cast("tuple[Vm, ...]", found[ObjectKind.VM]), cast("tuple[HostObject, ...]", found[ObjectKind.HOST])
    return Fleet(vms, hosts, others, settled.facts)


def _object(settled: SettledObject, kind: ObjectKind, memo: _Memo) -> Object[Any]:
    root = kind.root
    spec = block_of(settled, root, memo)
    trails: dict[Path, Provenance] = {path: value.trail for path, value in settled.values.items()}
    if kind.named and ("name",) not in trails:
        spec = spec.but(name=settled.name)
        layer = layer_of(kind, settled.name, settled.span)
        trails[("name",)] = (Step(StepKind.SET, layer, settled.span, inputs=settled.named_from),)
    if isinstance(spec, Domain) and spec.as_written and not settled.resolve:
        spec = as_written(spec, spec.as_written)
    host = settled.host.name if settled.host is not None else None
    return Object(kind, settled.name, spec, settled.span, trails, settled.blocks, settled.resolve, host, settled.profiles)


def block_of(settled: SettledObject, root: type[Block], memo: _Memo) -> Block:
    """The object's own block, with all that lies in it."""
    nodes: dict[Path, FeatureValues] = {(): {}}
    for path in settled.blocks:
        spot = _spot(root, path)
        if spot is not None and (spot.label or not settled.resolve):
            _open(root, path, nodes)
    for path, value in settled.values.items():
        _put(root, path, value, nodes)
    for path in sorted((p for p in nodes if p), key=len, reverse=True):
        _hang(root, path, nodes, memo, numbered=settled.resolve)
    return root(**_finished(root, nodes[()], memo, settled.resolve))


# ------------------------------------------------------------------------------------------------- paths


@record(frozen=True, slots=True)
class _Spot:
    """A block by its path: its class, the line that holds it, and its label."""

    block: type[Block]
    parent: Path
    field: Field
    label: str


@record(frozen=True, slots=True)
class _Target:
    """A value by its path: the block that it is a feature of; of a map, the key."""

    block: Path
    python: str
    key: str | None = None
    field: Field | None = None


_SPOTS: dict[tuple[type[Block], Path], _Spot | None] = {}
_TARGETS: dict[tuple[type[Block], Path], _Target] = {}


def _spot(root: type[Block], path: Path) -> _Spot | None:
    key = (root, path)
    if key not in _SPOTS:
        _SPOTS[key] = _find_spot(root, path)
    return _SPOTS[key]


def _find_spot(root: type[Block], path: Path) -> _Spot | None:
    """None where no block lies: a map that was opened, the variant of a choice."""
    if not path:
        return None
    for cut in (1, 2):
        parent, rest = path[:-cut], path[len(path) - cut :]
        if len(path) < cut or (parent and _spot(root, parent) is None):
            continue
        outer = _block_at(root, parent)
        field = schema(outer).by_name.get(rest[0])
        if field is not None and cut == 1 and isinstance(field.line, Sub):
            return _Spot(field.types[0], parent, field, "")
        if field is not None and cut == 2 and isinstance(field.line, Many):
            return _Spot(field.types[0], parent, field, rest[1])
    return None


def _block_at(root: type[Block], path: Path) -> type[Block]:
    spot = _spot(root, path) if path else None
    return root if spot is None else spot.block


def _target(root: type[Block], path: Path) -> _Target:
    key = (root, path)
    known = _TARGETS.get(key)
    if known is None:
        known = _TARGETS[key] = _find_target(root, path)
    return known


def _find_target(root: type[Block], path: Path) -> _Target:
    at = len(path) - 1
    while at > 0 and (_spot(root, path[:at]) is None or path[at] not in (*schema(_block_at(root, path[:at])).by_name, "xml")):
        at -= 1
    block, name, rest = path[:at], path[at], path[at + 1 :]
    if name == "xml":
        return _Target(block, "raw", ".".join(rest))
    field = schema(_block_at(root, block)).by_name[name]
    return _Target(block, field.python, ".".join(rest) if isinstance(field.line, OpenMap) and rest else None, field)


# ------------------------------------------------------------------------------------------------- building


def _open(root: type[Block], path: Path, nodes: dict[Path, FeatureValues]) -> FeatureValues:
    """The features of the block at a path, which exists from now on, as do those around it."""
    found = nodes.get(path)
    if found is None:
        spot = _spot(root, path)
        assert spot is not None, path
        _open(root, spot.parent, nodes)
        found = nodes[path] = {}
    return found


def _put(root: type[Block], path: Path, settled: SettledValue, nodes: dict[Path, FeatureValues]) -> None:
    target = _target(root, path)
    features = _open(root, target.block, nodes)
    value = settled.value
    if target.key is not None and not (target.key == "" and isinstance(value, Mapping)):
        features.setdefault(target.python, {})[target.key] = value
    elif target.key is None and isinstance(value, Mapping) and isinstance(features.get(target.python), dict):
        features[target.python] = {**value, **features[target.python]}
    else:
        features[target.python] = dict(value) if isinstance(value, Mapping) else value
    if settled.spelling is not None and target.field is not None and isinstance(target.field.line, Attr):
        text = spelled_text(target.field.line.kind, settled.spelling)
        spelling = features.setdefault("spelling", {})
        spelling[target.python] = text.text
        if text.unit is not None:
            spelling[f"{target.python}.unit"] = text.unit


def _hang(root: type[Block], path: Path, nodes: dict[Path, FeatureValues], memo: _Memo, numbered: bool) -> None:
    """Makes the block at a path and puts it into the one around it."""
    spot = _spot(root, path)
    assert spot is not None
    block = memo.block(spot.block, _finished(spot.block, nodes[path], memo, numbered), spot.label)
    outer = nodes[spot.parent]
    if spot.label:
        outer.setdefault(spot.field.python, []).append(block)
    else:
        outer[spot.field.python] = block


def _finished(block: type[Block], features: FeatureValues, memo: _Memo, numbered: bool) -> FeatureValues:
    for python, value in features.items():
        if isinstance(value, list):
            features[python] = memo.blocks(_in_order(block, python, value, numbered))
        elif isinstance(value, dict):
            features[python] = memo.map(value)
    return features


def _in_order(block: type[Block], python: str, blocks: list[Block], numbered: bool) -> tuple[Block, ...]:
    """In order of appearance; those with numbers by number, unless the order is an imported one."""
    line = schema(block).by_name[python.rstrip("_").replace("_", "-")].line
    if numbered and isinstance(line, Many) and line.numbered:
        return tuple(sorted(blocks, key=lambda b: int(b.label)))
    return tuple(blocks)


class _Memo:
    """Blocks, tuples and maps by the identities of what they are made of: equal parts of many objects become one."""

    kept = 20_000

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Any] = {}

    def block(self, block: type[Block], features: FeatureValues, label: str = "") -> Block:
        key = (block, label, *((python, id(value)) for python, value in features.items()))
        return cast("Block", self._get(key, lambda: block(label=label, **features) if label else block(**features)))

    def blocks(self, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        return cast("tuple[Block, ...]", self._get((tuple, *map(id, blocks)), lambda: blocks))

    def map(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return cast("Mapping[str, Any]", self._get((dict, *((k, id(v)) for k, v in values.items())), lambda: values))

    def _get(self, key: tuple[object, ...], make: Callable[[], Any]) -> Any:
        # What is kept holds all that its key names, so no identity in a key can come to mean something else.
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= self.kept:
                self._known.clear()
            known = self._known[key] = make()
        return known
