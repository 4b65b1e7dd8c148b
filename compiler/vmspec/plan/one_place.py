"""A VM is in one place: what another host of the program has is not made or started here besides, but moves or is refused."""

from __future__ import annotations

from vmspec.base.record import replace
from vmspec.plan.besides import Note
from vmspec.plan.changes import config_changes
from vmspec.plan.images import last_images, with_images
from vmspec.plan.moves import Sighting, ruling
from vmspec.plan.preserve import keeping_identity, kept, without_emulator
from vmspec.plan.state import AppliedState, Desired, Platform, last_deploy
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
    last = last_deploy(memory, there)
    imaged = with_images(wanted, there, last, wishes.discarded.get(wanted.name, frozenset()))
    changes = tuple(config_changes(imaged.wanted, there, last, platform.version)) if there.persistent else ()
    wanted = kept(imaged.wanted, without_emulator(there.domain), None)
    autostart = there.autostart if wanted.autostart is None else wanted.autostart
    start = there.running or vm.start or there.uuid in wishes.interrupted
    notes = (*imaged.notes, *vm.notes)
    now = vm.actual is not None and vm.actual.autostart
    return VmPlan(
        vm.name, there.uuid, Action.MOVE, changes, autostart=autostart if autostart != now else None, start=start, notes=notes,
        kept=imaged.kept, move=move, domain=wanted.domain, actual=vm.actual, desired=wanted,
    )  # fmt: skip
