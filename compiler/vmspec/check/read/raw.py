"""The blocks of a VM that hold parts which no line of the model claims."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.model.block import Block, schema


def with_raw(block: Block, path: Path) -> Iterator[tuple[Path, Block]]:
    """Depth first, in the model's order."""
    values = vars(block)
    if values.get("raw"):
        yield path, block
    for field in schema(type(block)):
        value = values.get(field.python)
        if isinstance(value, Block):
            yield from with_raw(value, (*path, field.name))
        elif isinstance(value, tuple) and value and isinstance(value[0], Block):
            for each in value:
                yield from with_raw(each, (*path, field.name, each.label))
