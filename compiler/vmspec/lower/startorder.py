"""Reads `start-after` and `restart.after`: lists of VMs, `[vm(db), vm(cache)]`, or names alone."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.model.domain import Domain
from vmspec.model.value import Tagged


def orders(vm: Domain) -> Iterator[tuple[Path, object]]:
    """What says that a VM comes after others, where it says so; the second counts for restarts alone."""
    if vm.start_after is not None:
        yield ("start-after",), vm.start_after
    if vm.restart is not None and vm.restart.after is not None:
        yield ("restart", "after"), vm.restart.after


def names_of(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, Tagged):
        return tuple(map(str, value.positional)) if value.tag == "vm" else ()
    return tuple(name for each in value for name in names_of(each)) if isinstance(value, tuple) else (str(value),)
