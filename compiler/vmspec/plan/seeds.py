"""Seeds of a host's VMs: what is to lie there, what lies there, and what a booted guest makes of the difference."""

from __future__ import annotations

import json
from collections.abc import Callable

from vmspec.base.record import record, replace
from vmspec.plan.besides import Note
from vmspec.plan.change import SourcePlace
from vmspec.plan.verdict import Action, VmPlan

SEED = "seed"
"""The kind of notes about one that is not what the program says."""
SEED_STAYS = "seed-stays"


@record(frozen=True)
class SeedOnHost:
    """What lies at the path of a seed: nothing, or these bytes; `unread` says why nobody knows."""

    data: bytes | None = None
    unread: str = ""


def with_seed(vm: VmPlan, look: Callable[[str], SeedOnHost]) -> VmPlan:
    """With what is to be done about the VM's seed; `look` reads what lies at a path of the host."""
    wanted = None if vm.desired is None else vm.desired.seed
    if wanted is None or vm.action in (Action.REFUSE, Action.PRUNE):
        return vm
    found = look(wanted.path)
    if found.unread:
        if vm.action in (Action.CREATE, Action.MOVE):
            return _refused(vm, f"its seed {wanted.path} cannot be put there: {found.unread}")
        return _noted(vm, SEED_STAYS, f"nobody knows whether {wanted.path} is its seed: {found.unread}", wanted.where)
    if wanted.open:
        params = ", ".join(f"${each}" for each in wanted.open)
        if found.data is None:
            return _refused(vm, f"{params} of its seed was not given: --secret {wanted.open[0]}=…")
        return _noted(vm, SEED_STAYS, f"{params} was not given (--secret): the seed stays as it is there", wanted.where)
    if found.data == wanted.data():
        return vm
    due = replace(vm, seed=wanted)
    if vm.action is Action.CREATE:
        return due
    if found.data is None:
        return _noted(due, SEED, f"{wanted.path} is missing on the host", wanted.where)
    return _noted(due, SEED, _told(wanted.instance_id, found.data, vm.name), wanted.where)


def _told(instance_id: str | None, before: bytes, name: str) -> str:
    """What a guest that has booted with the seed from before makes of another one."""
    if instance_id is None:
        return "it is changed, without effect on a guest that is installed: it is read at a first start"
    if f'"instance-id": {json.dumps(instance_id, ensure_ascii=False)}'.encode() in before:
        return f"it is changed, without effect on a guest that has started: cloud-init knows it (vmc lock reseed {name})"
    return "its instance id is a new one: cloud-init takes the next start for the first, and makes new SSH host keys"


def _noted(vm: VmPlan, kind: str, message: str, where: SourcePlace) -> VmPlan:
    return replace(vm, notes=(*vm.notes, Note(kind, "seed", message, where)))


def _refused(vm: VmPlan, reason: str) -> VmPlan:
    return VmPlan(vm.name, vm.uuid, Action.REFUSE, reason=reason, running=vm.running, actual=vm.actual, notes=vm.notes)
