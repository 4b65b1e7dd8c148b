"""The parts of an object that the model does not know: where they go, and the object without them."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.emit.source_mapping import KEPT, BlockShape, places, shape_of
from vmspec.model.block import Block, schema
from vmspec.model.layout import layout
from vmspec.model.place import parse

_known: dict[BlockShape, bool] = {}


def has_raw(block: Block) -> bool:
    """Whether there is such a part in a block or in one below it."""
    shape = shape_of(block)
    known = _known.get(shape)
    if known is None:
        if len(_known) >= KEPT:
            _known.clear()
        known = _known[shape] = bool(vars(block).get("raw")) or any(has_raw(inner) for _, _, inner in _below(block, ()))
    return known


def without_raw(block: Block) -> Block:
    """The typed part of a block alone."""
    changes: dict[str, object] = {"raw": {}} if vars(block).get("raw") else {}
    for python, value in vars(block).items():
        if isinstance(value, Block):
            changes[python] = without_raw(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], Block):
            changes[python] = tuple(without_raw(item) for item in value if isinstance(item, Block))
    return block.but(**changes) if changes else block


def raw_parts(root: Block) -> Iterator[tuple[str, Path]]:
    """The place of the element that each part goes into, and the path of the part: `(…, "xml", place)`."""
    known = places(root)
    yield from _parts(root, (), 1, known, layout(type(root)).root.step.name)


def _parts(block: Block, path: Path, depth: int, known: list[tuple[str, Path]], top: str) -> Iterator[tuple[str, Path]]:
    raw: dict[str, str] = dict(vars(block).get("raw") or {})
    for place in raw:
        element = _element(path, depth, known, top)
        inside = place.rpartition("@")[0].rstrip("/") if "@" in place.rpartition("/")[2] else place
        yield f"{element}/{inside}".rstrip("/"), (*path, "xml", place) if place else (*path, "xml")
    for steps, below, inner in _below(block, path):
        yield from _parts(inner, below, depth + steps, known, top)


def _below(block: Block, path: Path) -> Iterator[tuple[int, Path, Block]]:
    """The blocks in a block: how many elements deeper each lies, its path, itself."""
    for line in schema(type(block)):
        value = vars(block).get(line.python)
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, Block):
                at = getattr(line.line, "at", None)
                steps = parse(type(inner).element if at is None else at).steps
                yield len(steps), (*path, line.name, inner.label) if isinstance(value, tuple) else (*path, line.name), inner


def _element(path: Path, depth: int, known: list[tuple[str, Path]], top: str) -> str:
    """The element of the block at a path, as far as its own values tell."""
    size = len(path)
    inside = next((place for place, of in known if of[:size] == path and place.count("/") >= depth), f"/{top}")
    return "/".join(inside.split("/")[: depth + 1])
