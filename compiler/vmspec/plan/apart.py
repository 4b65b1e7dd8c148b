"""VMs apart from one another and from all other domains of a host: none writes what another writes."""

from __future__ import annotations

from collections.abc import Sequence

from vmspec.base.record import replace
from vmspec.model.domain import Domain
from vmspec.plan.besides import Note
from vmspec.plan.clash import Clash, DomainFiles, clashes
from vmspec.plan.file_uses import HostPlaces, own_variables, uses_of
from vmspec.plan.preserve import with_variables
from vmspec.plan.state import Actual, AppliedState, Platform
from vmspec.plan.variables import found_variables, variables_note
from vmspec.plan.verdict import Action, PlanOptions, VmPlan


def apart(vms: Sequence[VmPlan], actual: Sequence[Actual], memory: AppliedState, wishes: PlanOptions, platform: Platform) -> list[VmPlan]:
    """Each with firmware variables of its own, and refused where it would write what another domain of the host writes."""
    holders = _holders(vms, actual, wishes, platform)
    own = [_with_own_variables(vm, holders, platform.places, memory) for vm in vms]
    if any(one is not other for one, other in zip(own, vms, strict=True)):
        holders = _holders(own, actual, wishes, platform)
    found = clashes(holders)
    return [_kept_apart(vm, found.get(_id(vm), []), wishes.trial) for vm in own]


def _id(vm: VmPlan) -> str:
    return vm.actual.uuid if vm.actual is not None else vm.uuid or f"new {vm.name}"


DEFINES = (Action.CREATE, Action.UPDATE, Action.RENAME, Action.MOVE)


def _holders(vms: Sequence[VmPlan], actual: Sequence[Actual], wishes: PlanOptions, platform: Platform) -> list[DomainFiles]:
    planned = {_id(vm): vm for vm in vms}
    there = {each.uuid: each for each in actual}
    found: list[DomainFiles] = []
    for uuid in dict.fromkeys((*there, *planned)):
        known, vm = there.get(uuid), planned.get(uuid)
        now = () if known is None else uses_of(_definitions(known), platform.places)
        acts = vm is not None and (vm.action in DEFINES or vm.start or vm.restart)
        then = uses_of((vm.domain,), platform.places) if vm is not None and vm.action in DEFINES else now
        ours = vm is not None or (known is not None and known.project() == wishes.project)
        name = vm.name if vm is not None else "" if known is None else known.name
        found.append(DomainFiles(uuid, name, ours, now, then, acts, known is not None and known.running))
    return found


def _definitions(there: Actual) -> tuple[Domain | None, ...]:
    return there.inactive.readable, None if there.live is None else there.live.readable


def _with_own_variables(vm: VmPlan, holders: Sequence[DomainFiles], places: HostPlaces, memory: AppliedState) -> VmPlan:
    """Where libvirt would give it the file that another domain has, as one that has been renamed keeps the file of its old name, or that
    a domain has left behind."""
    if vm.action not in DEFINES or vm.domain is None:
        return vm
    others = [use.key for holder in holders if holder.uuid != _id(vm) for use in (*holder.now, *holder.then)]
    found = found_variables(vm, places, memory)
    orphan = [] if found is None or found.own else [found.key]
    path = own_variables(vm.domain, vm.name, vm.uuid or "", [*others, *orphan], places)
    own = vm if path is None else replace(vm, domain=with_variables(vm.domain, path))
    return own if found is None or found.key in others else replace(own, notes=(*own.notes, variables_note(found, path)))


def _kept_apart(vm: VmPlan, found: Sequence[Clash], trial: bool) -> VmPlan:
    """On trial, VMs of several hosts are defined beside one another, and not started: what would part them is no clash."""
    begins = vm.start or vm.restart
    if trial and not begins:
        found = [each for each in found if not each.other.ours]
    if not found:
        return vm
    reasons = "; ".join(dict.fromkeys(map(str, found)))
    if (vm.action in DEFINES and not trial) or begins:
        return VmPlan(vm.name, vm.uuid, Action.REFUSE, reason=reasons, running=vm.running, actual=vm.actual, notes=vm.notes)
    return replace(vm, notes=(*vm.notes, Note("clash", "", reasons)))
