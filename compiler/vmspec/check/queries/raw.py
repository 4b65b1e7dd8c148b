"""The blocks of a VM that hold parts which no line of the model claims."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from vmspec.base.provenance import Path
from vmspec.model.block import Block, Choice, Many, Sub, schema


def with_raw(block: Block, path: Path) -> Iterator[tuple[Path, Block]]:
    """Depth first, in the model's order."""
    values = vars(block)
    if values.get("raw"):
        yield path, block
    for python, name in _holders(type(block)):  # type: ignore[arg-type]
        value = values.get(python)
        if not value:
            continue
        if isinstance(value, Block):
            yield from with_raw(value, (*path, name))
        else:
            for each in value:
                yield from with_raw(each, (*path, name, each.label))


@cache
def _holders(block: type[Block]) -> tuple[tuple[str, str], ...]:
    """The features that hold blocks: Python's name and ours."""
    return tuple((f.python, f.name) for f in schema(block) if isinstance(f.line, (Choice, Many, Sub)))
