"""Findings about values that objects of a fleet have and must not share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vmspec.check.rule import Finding
from vmspec.lower.shared_values import SameValue, shared_values


def of_shared(clashes: Iterable[SameValue], help: str | None = None) -> Iterator[Finding]:
    """One finding for each value that objects have and must not share."""
    for each in shared_values(clashes):
        among = each.names if len(each.names) > 2 else ()
        yield Finding(each.clash.at, each.message, others=tuple(each.others), help=help, of=each.clash.of, among=among)
