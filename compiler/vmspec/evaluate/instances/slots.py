"""What is asked of an object's merged paths before they are evaluated."""

from __future__ import annotations

from vmspec.base.provenance import Path
from vmspec.evaluate.merge.merged import Structure
from vmspec.evaluate.reads import varies


def met(path: Path, shape: Structure) -> bool:
    """Whether something sets a path, or a part of it."""
    size = len(path)
    return any(p[:size] == path and s.settings for p, s in shape.slots.items()) or any(p[:size] == path for p in shape.blocks)


def prime(shape: Structure, varying: set[int]) -> None:
    """Reset the evaluated values, and mark the paths that differ between the objects of a template."""
    for slot in shape.slots.values():
        slot.state, slot.value = 0, None
        slot.varies = any(s.expr is not None and varies(s.expr, s.frame, varying) for s in slot.settings)


def slot_varies(shape: Structure, name: str, varying: set[int]) -> bool:
    slot = shape.slots.get((name,))
    return slot is not None and any(s.expr is not None and varies(s.expr, s.frame, varying) for s in slot.settings)
