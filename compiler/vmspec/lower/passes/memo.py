"""Memoizes passes: VMs of one template share immutable blocks, so the result for one serves all, by identity.

Blocks are immutable, and VMs of one template share those that do not vary, so identity decides. Contract of `reading`: the expansion
depends on the named features of the domain alone, besides where the VM's blocks are written.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from vmspec.lower.fleet import Vm
from vmspec.lower.passes.change import Context, Expansion, PassResult, RelocatedProvenance, movable

K = TypeVar("K")
V = TypeVar("V")

KEPT = 4096
KEPT_HERE = 256
"""VMs of one block come one after the other."""


def reading(*features: str, strengths: bool = False, layout: bool = False) -> Callable[[Expansion], Expansion]:
    """Features of the Domain, by Python name. `strengths`: it looks at how they were set too, which each block of the source decides.
    `layout`: it asks which layout is in force."""

    def wrap(expand: Expansion) -> Expansion:
        known: dict[tuple[int, ...], tuple[object, PassResult]] = {}
        here: dict[tuple[object, ...], tuple[object, PassResult]] = {}

        @wraps(expand)
        def remembered(vm: Vm, context: Context) -> PassResult:
            held = vars(vm.spec).get
            inputs = [held(name) for name in features]
            shape = (*map(id, inputs), context.lock.version) if layout else tuple(map(id, inputs))
            key = (vm.span, id(vm.blocks), *shape)
            found = here.get(key)
            if found is None:
                first = known.get(shape)
                change = expand(vm, context) if first is None else moved(first[1], vm)
                # The inputs are kept beside the result, so that nothing else gets their identity.
                found = ((inputs, vm.blocks), change)
                if change.diagnostics:  # they name the VM
                    return change
                if first is None and not strengths and movable(change.trails):
                    keep(known, shape, found, KEPT)
                keep(here, key, found, KEPT_HERE)
            return found[1]

        return remembered

    return wrap


def moved(change: PassResult, vm: Vm) -> PassResult:
    """What was said of another VM of the same shape, of this one."""
    return PassResult(change.features, RelocatedProvenance(change.trails, vm), change.diagnostics, change.lock) if change.trails else change


def keep(known: dict[K, V], key: K, found: V, most: int) -> None:
    if len(known) >= most:
        known.clear()
    known[key] = found
