"""The model's defaults for an object, and the model's class or line at a path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmspec.base.provenance import Path, Step, StepKind
from vmspec.evaluate.evaluated import SettledValue
from vmspec.evaluate.merge.merged import MergedPath, Structure
from vmspec.model.block import Attr, Block, Field, Sub, schema


def defaults(block: type[Block], shape: Structure) -> Iterator[tuple[Path, SettledValue]]:
    """The defaults of every block that exists: the root, opened blocks, and blocks with a setting."""
    touched: dict[Path, None] = {(): None}
    for path in (*shape.blocks, *(p[:-1] for p in shape.slots)):
        for size in range(1, len(path) + 1):
            touched.setdefault(path[:size], None)
    for path in touched:
        cls = block_at(block, path)
        if cls is not None:
            for name, settled in block_defaults(cls):
                yield (*path, name), settled


_DEFAULTS: dict[type[Block], tuple[tuple[str, SettledValue], ...]] = {}


def block_defaults(cls: type[Block]) -> tuple[tuple[str, SettledValue], ...]:
    """The defaults of one block's class; the same objects at every call, so that templates can share them by identity."""
    known = _DEFAULTS.get(cls)
    if known is None:
        step = (Step(StepKind.DEFAULT, "model"),)
        found = ((f.name, f.line.default) for f in schema(cls) if isinstance(f.line, Attr) and f.line.default is not None)
        known = _DEFAULTS[cls] = tuple((name, SettledValue(value, step, "default")) for name, value in found)
    return known


_ALSO: dict[tuple[type[Block], Path], tuple[str, ...]] = {}


def matching(block: type[Block], path: Path, slots: Mapping[Path, MergedPath]) -> list[MergedPath]:
    """The merged paths that set the same thing as a path (`Attr.also`), in order of first appearance."""
    key = block, path
    pattern = _ALSO.get(key)
    if pattern is None:
        holder = block_at(block, path[:-1])
        line = schema(holder).by_name.get(path[-1]) if holder is not None and path else None
        pattern = _ALSO[key] = line.line.also if line is not None and isinstance(line.line, Attr) else ()
    if not pattern:
        return []
    return [s for p, s in slots.items() if len(p) == len(pattern) and all(q in ("*", step) for q, step in zip(pattern, p, strict=True))]


def block_at(block: type[Block], path: Path) -> type[Block] | None:
    """The class of the block at a path; None for a map, a value, or a repeatable block before its label."""
    at: type[Block] | None = block
    steps = iter(path)
    for step in steps:
        found = schema(at).by_name.get(step) if at is not None else None
        if found is None or not found.types or isinstance(found.line, Attr):
            return None
        if not isinstance(found.line, Sub) and next(steps, None) is None:
            return None
        at = found.types[0]
    return at


def field_at(block: type[Block], path: Path) -> Field | None:
    """The line of the feature at a path, labels included: of `disk.vda.bus` the bus, of `disk` all disks."""
    at = block_at(block, path[:-1]) if path else None
    return schema(at).by_name.get(path[-1]) if at is not None else None
