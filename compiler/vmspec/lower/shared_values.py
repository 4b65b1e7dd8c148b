"""Values that only one object may have and several do: told together, for a template and a copied block say one value very often."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vmspec.base.once import SHOWN
from vmspec.base.provenance import Path
from vmspec.base.record import field, record
from vmspec.lower.fleet import Object
from vmspec.model.block import Block

LABELS = 6
"""Further places that are shown of one clash."""


@record(frozen=True, slots=True)
class SameValue:
    """An object has what the first one has: `what` as in "a and b both …"."""

    first: Object[Block]
    there: Path
    of: Object[Block]
    at: Path
    what: str


@record(frozen=True, slots=True)
class SharedValue:
    """A value that several objects have, or one line of a template that gives it to them."""

    clash: SameValue
    """The first of them, whose places are shown."""
    names: tuple[str, ...]
    """Of all objects that have the value."""
    others: list[tuple[Object[Block], Path, str]] = field(default_factory=list)
    """Places other than that of `clash.at`: each line once, with what it is."""

    @property
    def message(self) -> str:
        own = self.clash.of is self.clash.first
        told = self.names[: 1 if own else 2]
        more = self.names[len(told) :]
        kind, mine, theirs = self.clash.at[0], *(path[1] if len(path) > 1 else "" for path in (self.clash.at, self.clash.there))
        said = f"{kind}s {theirs} and {mine} of {told[0]}" if own else f"{told[0]} and {told[1]}"
        counted = f" (and {len(more):,} more: {', '.join(more[:SHOWN])}{', …' if len(more) > SHOWN else ''})" if more else ""
        return f"{said} {self.clash.what}{counted}"


def shared_values(clashes: Iterable[SameValue]) -> Iterator[SharedValue]:
    """In the order of their first clashes."""
    groups: dict[tuple[object, ...], list[SameValue]] = {}
    for each in clashes:
        groups.setdefault((each.what, each.first.where(each.there)), []).append(each)
    for group in groups.values():
        first = group[0]
        names = tuple(dict.fromkeys(name for each in group for name in (each.first.name, each.of.name)))
        found = SharedValue(first, names)
        seen = {first.of.where(first.at)}
        places = [(first.first, first.there, "the first"), *((each.of, each.at, "another") for each in group[1:])]
        for owner, path, what in places:
            span = owner.where(path)
            if span not in seen and len(found.others) < LABELS:
                seen.add(span)
                found.others.append((owner, path, what))
        yield found
