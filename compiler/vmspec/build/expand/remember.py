"""Fleets are made of templates: what an expansion has worked out for one VM serves every VM that has the same blocks.

Blocks are immutable, and VMs of one template share those that do not vary, so identity decides. Contract of `reading`: the expansion
depends on the named features of the domain alone, besides where the VM's blocks are written.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from vmspec.build.expand.change import Change, Context, Expansion
from vmspec.build.fleet import Vm

KEPT = 4096


def reading(*features: str) -> Callable[[Expansion], Expansion]:
    """Features of the Domain, by Python name."""

    def wrap(expand: Expansion) -> Expansion:
        known: dict[tuple[object, ...], tuple[object, Change]] = {}

        @wraps(expand)
        def remembered(vm: Vm, context: Context) -> Change:
            held = vars(vm.spec).get
            inputs = [held(name) for name in features]
            key = (vm.span, id(vm.blocks), *map(id, inputs))
            found = known.get(key)
            if found is None:
                if len(known) >= KEPT:
                    known.clear()
                # The inputs are kept beside the result, so that nothing else gets their identity.
                found = ((inputs, vm.blocks), expand(vm, context))
                if not found[1].diagnostics:  # they name the VM
                    known[key] = found
            return found[1]

        return remembered

    return wrap
