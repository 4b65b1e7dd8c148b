"""A guest that a deploy stopped, for a restart or a move, and did not live to start."""

from __future__ import annotations

from vmspec.base.record import replace
from vmspec.plan.besides import Note
from vmspec.plan.verdict import Action, PlanOptions, VmPlan


def with_unfinished(vm: VmPlan, wishes: PlanOptions) -> VmPlan:
    """With a word on it; what is done about it stands in the plan anyway."""
    uuid = vm.uuid if vm.actual is None else vm.actual.uuid
    origin = wishes.interrupted.get(uuid or "")
    if origin is None or vm.running or (vm.move is not None and vm.move.there.running) or vm.action is Action.PRUNE:
        return vm
    what = f"while it moved it from {origin}, where it has been stopped" if origin else "after it had stopped it for a restart"
    then = "; this one goes on" if vm.start else ""
    return replace(vm, notes=(*vm.notes, Note("unfinished", "", f"a deploy was cut off {what}{then}")))
