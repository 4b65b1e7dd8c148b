"""Finds numbered blocks that exist without being written: I/O threads that are only counted, or that a disk names.

Wildcards fill them like those that are written. They are looked for only where some wildcard has something for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from vmspec.base.provenance import Path
from vmspec.base.record import field, record
from vmspec.evaluate.evaluated import SettledValue
from vmspec.evaluate.merge.merged import MergedPath, Structure
from vmspec.evaluate.merge.statements import BlockDeclaration, Collected
from vmspec.evaluate.session import MAX_LIST, Session
from vmspec.model.block import Block, Many, schema


class SlotEvaluator(Protocol):
    """What settles the slots of an object: its evaluator."""

    session: Session

    def settle(self, slot: MergedPath) -> SettledValue | None: ...


@record(slots=True)
class Implied:
    openings: list[BlockDeclaration] = field(default_factory=list)
    varies: bool = False
    """Whether their number differs between the objects of a template."""


def implied(block: type[Block], shape: Structure, collected: Collected, run: SlotEvaluator, prime: Callable[[], None]) -> Implied:
    """Declare the blocks that merged values imply. `prime` resets the structure before and after evaluation."""
    found = Implied()
    patterns = [s.path for s in collected.settings if s.wildcard] + [o.path for o in collected.openings if o.wildcard]
    wild = {path[0] for path in patterns if path[1:2] == ("*",)}
    lines = [f for f in schema(block) if f.name in wild and isinstance(f.line, Many) and f.line.named_by]
    for line in lines:
        assert isinstance(line.line, Many)
        prime()
        for slot in [s for s in shape.slots.values() if any(_matches(p, s.path) for p in line.line.named_by)]:
            settled = run.settle(slot)
            found.varies |= slot.varies
            for number in _numbers(slot, settled, run.session):
                path = (line.name, str(number))
                if path not in shape.blocks and path not in shape.removed and slot.settings:
                    last = slot.settings[-1]
                    found.openings.append(BlockDeclaration(path, last.layer, last.span))
        prime()
    return found


def _matches(pattern: Path, path: Path) -> bool:
    return len(pattern) == len(path) and all(p in ("*", step) for p, step in zip(pattern, path, strict=True))


def _numbers(slot: MergedPath, settled: SettledValue | None, session: Session) -> range:
    """A count stands for 1 to N, the number in a device for itself."""
    value = settled.value if settled is not None else None
    if not isinstance(value, int) or value < 1:
        return range(0)
    if len(slot.path) > 1:
        return range(value, value + 1)
    if value > MAX_LIST:
        session.exhausted(f"{value:,} blocks from one number", slot.settings[-1].span)
    return range(1, value + 1)
