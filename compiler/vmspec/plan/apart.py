"""VMs apart from one another and from all other domains: each in one place, and none writing what another writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vmspec.base.record import replace
from vmspec.model.domain import Domain
from vmspec.plan.besides import Note
from vmspec.plan.changes import config_changes
from vmspec.plan.clash import Clash, DomainFiles, clashes
from vmspec.plan.file_uses import FileUse, HostPlaces, own_variables, uses
from vmspec.plan.images import last_images, with_images
from vmspec.plan.images import notes as image_notes
from vmspec.plan.moves import Sighting, ruling
from vmspec.plan.preserve import keeping_identity, kept, with_variables, without_emulator
from vmspec.plan.state import Actual, AppliedState, Desired, Platform
from vmspec.plan.variables import found_variables, variables_note
from vmspec.plan.verdict import Action, PlanOptions, VmPlan


def in_one_place(vm: VmPlan, memory: AppliedState, wishes: PlanOptions, platform: Platform) -> VmPlan:
    """A VM that another host has is not made or started besides: it moves, or is refused."""
    if vm.action in (Action.REFUSE, Action.PRUNE) or vm.uuid is None or vm.desired is None:
        return vm
    begins = vm.action is Action.CREATE or vm.start
    if vm.action is Action.CREATE and (lost := _without_its_data(vm.name, vm.uuid, memory, wishes)):
        return VmPlan(vm.name, vm.uuid, Action.REFUSE, reason=lost)
    unfinished = vm.uuid in wishes.interrupted
    found = ruling(vm.uuid, vm.actual, begins, unfinished, wishes.restart, wishes.trial, wishes.seen)
    if found.reason:
        return VmPlan(vm.name, vm.uuid, Action.REFUSE, reason=found.reason, running=vm.running, actual=vm.actual, notes=vm.notes)
    if found.move is not None:
        return _moved(vm, vm.desired, found.move, wishes, platform, memory)
    return replace(vm, notes=(*vm.notes, Note("leftover", "", found.note))) if found.note else vm


def _without_its_data(name: str, uuid: str, here: AppliedState, wishes: PlanOptions) -> str:
    """Why a VM that has gone is not made again on the images that the program names: its last data are in others."""
    if wishes.seen.found.get(uuid):
        return ""
    discarded = wishes.discarded.get(name, frozenset())
    for host, memory in (("this host", here), *wishes.seen.gone.items()):
        found = last_images(uuid, memory, discarded)
        if found:
            back = " ".join(f"--discard-overlay {name}:{each.target}" for each in found)
            text = f"when it was last deployed to {host} it was on {' and on '.join(map(str, found))}"
            return f"{text}: name that in the source, or say {back} to begin without what is in it"
    return ""


def _moved(vm: VmPlan, wanted: Desired, move: Sighting, wishes: PlanOptions, platform: Platform, here: AppliedState) -> VmPlan:
    """With what is the other host's in it: images that lie on ours, firmware variables, identities, the metadata of others."""
    there, memory = move.there, move.memory or here
    if there.name != wanted.name and wishes.renames.get(there.name) != wanted.name:
        reason = f"it is called {there.name} on {move.host}: say --rename {there.name}={wanted.name} if it is to be renamed as it moves"
        return VmPlan(vm.name, vm.uuid, Action.REFUSE, reason=reason, actual=vm.actual, notes=vm.notes)
    if wanted.imported or there.name != wanted.name:
        wanted = keeping_identity(wanted, there)
    imaged = with_images(wanted, there, memory, wishes.discarded.get(wanted.name, frozenset()))
    changes = tuple(config_changes(imaged.wanted, there, memory, platform.version)) if there.persistent else ()
    wanted = kept(imaged.wanted, without_emulator(there.domain), None)
    autostart = there.autostart if wanted.autostart is None else wanted.autostart
    start = there.running or vm.start or there.uuid in wishes.interrupted
    notes = (*image_notes(vm.name, imaged, there), *vm.notes)
    now = vm.actual is not None and vm.actual.autostart
    return VmPlan(
        vm.name, there.uuid, Action.MOVE, changes, autostart=autostart if autostart != now else None, start=start, notes=notes,
        kept=imaged.kept, move=move, domain=wanted.domain, actual=vm.actual, desired=wanted,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------- files that two would write


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
        now = () if known is None else _uses(_definitions(known), platform)
        acts = vm is not None and (vm.action in DEFINES or vm.start or vm.restart)
        then = _uses((vm.domain,), platform) if vm is not None and vm.action in DEFINES else now
        ours = vm is not None or (known is not None and known.project() == wishes.project)
        name = vm.name if vm is not None else "" if known is None else known.name
        found.append(DomainFiles(uuid, name, ours, now, then, acts, known is not None and known.running))
    return found


def _definitions(there: Actual) -> tuple[Domain | None, ...]:
    return there.inactive.readable, None if there.live is None else there.live.readable


def _uses(definitions: Iterable[Domain | None], platform: Platform) -> tuple[FileUse, ...]:
    return tuple(dict.fromkeys(use for each in definitions if each is not None for use in uses(each, platform.places)))


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
