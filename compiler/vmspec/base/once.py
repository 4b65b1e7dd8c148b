"""Merges diagnostics that differ only in the object or block they name, as objects of one template or blocks of one wildcard do, into
one with a count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from vmspec.base.record import replace

if TYPE_CHECKING:
    from vmspec.base.diagnostic import Diagnostic

SHOWN = 3
"""The number of further objects that a message names."""
KINDS_APART = 8
"""A new diagnostic is compared with at most so many different ones of its place."""
_WORDS = re.compile(r"([\w-]+)")


def told_once(diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Merge each group of equal diagnostics into its first one, whose message counts and names the others."""
    groups: dict[tuple[object, ...], list[list[Diagnostic]]] = {}
    for number, each in enumerate(diagnostics):
        place = (each.code.number, each.severity, each.primary) if each.about and each.primary else (number,)
        known = groups.setdefault(place, [])
        group = next((g for g in known[-KINDS_APART:] if alike(g[0], each)), None)
        if group is None:
            known.append([each])
        else:
            group.append(each)
    yield from (_counted(group) for known in groups.values() for group in known)


def alike(a: Diagnostic, b: Diagnostic) -> bool:
    """Whether two diagnostics at one place differ only in the names of the objects and blocks that they are about."""
    left, right = [*_texts(a)], [*_texts(b)]
    spans = [label.span for label in a.labels] == [label.span for label in b.labels]
    return spans and len(left) == len(right) and all(_same(x, y, a, b) for x, y in zip(left, right, strict=True))


def _texts(each: Diagnostic) -> Iterator[str]:
    yield each.message
    yield from (label.message for label in each.labels)
    yield from each.notes
    yield each.help or ""


def _same(left: str, right: str, a: Diagnostic, b: Diagnostic) -> bool:
    if left == right:
        return True
    ours, theirs = _WORDS.split(left), _WORDS.split(right)
    names = ((a.about, b.about), (a.part, b.part))
    return len(ours) == len(theirs) and all(x == y or (x, y) in names for x, y in zip(ours, theirs, strict=True))


def _counted(group: Sequence[Diagnostic]) -> Diagnostic:
    first, names = group[0], tuple(dict.fromkeys(_names(group)))
    if len(names) == 1:
        return first
    others = names[1:]
    own = "" if names[0] in first.message else f"{names[0]} "
    more = f"{own}and {len(others):,} more: {', '.join(others[:SHOWN])}{', …' if len(others) > SHOWN else ''}"
    return replace(first, message=f"{first.message} ({more})", objects=names)


def _names(group: Sequence[Diagnostic]) -> Iterator[str]:
    """The names that tell the diagnostics of a group apart: objects, blocks of one object, or both."""
    objects, parts = {each.about for each in group}, {each.part for each in group}
    for each in group:
        yield each.about if len(parts) == 1 else each.part if len(objects) == 1 else f"{each.about}:{each.part}"
