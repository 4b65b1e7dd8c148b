"""Reads `start-after` and `restart.after`: lists of VMs, `[vm(db), vm(cache)]`, or names alone."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.model.domain import Domain
from vmspec.model.value import Tagged, Value


def orders(vm: Domain) -> Iterator[tuple[Path, Value]]:
    """What says that a VM comes after others, where it says so; the second counts for restarts alone."""
    if vm.start_after is not None:
        yield ("start-after",), vm.start_after
    if vm.restart is not None and vm.restart.after is not None:
        yield ("restart", "after"), vm.restart.after


def names_of(value: object) -> tuple[str, ...]:
    match value:
        case str():
            return (str(value),)
        case tuple():
            return tuple(name for each in value for name in names_of(each))
        case Tagged(tag="vm"):
            return tuple(map(str, value.positional))
        case _:
            return ()


def no_names(value: Value) -> Iterator[Value]:
    """What stands there and names no VM."""
    if isinstance(value, tuple):
        for each in value:
            yield from no_names(each)
    elif not names_of(value):
        yield value
