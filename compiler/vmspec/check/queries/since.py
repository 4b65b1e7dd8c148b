"""Which of a VM's features are newer than a version of libvirt."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from vmspec.base.provenance import Path
from vmspec.model.block import Block, schema


def newer_features(block: Block, version: tuple[int, ...], path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Path and version of each feature that is set and came later; nothing below such a block."""
    values = vars(block)
    for name, python, since, needs in _lines(type(block)):  # type: ignore[arg-type]
        value = values.get(python)
        if value is None or value == ():
            continue
        if needs > version:
            yield (*path, name), since
        elif isinstance(value, Block):
            yield from newer_features(value, version, (*path, name))
        elif isinstance(value, tuple) and isinstance(value[0], Block):
            for each in value:
                yield from newer_features(each, version, (*path, name, each.label))


@cache
def _lines(block: type[Block]) -> tuple[tuple[str, str, str, tuple[int, ...]], ...]:
    return tuple(
        (f.name, f.python, f.line.since, tuple(int(p) for p in f.line.since.split(".")) if f.line.since else ())
        for f in schema(block).fields
    )
