"""A VM that is new under its name, and is on the host under another one: what nobody has called a rename, and looks like one."""

from __future__ import annotations

from collections.abc import Iterable

from vmspec.base.record import replace
from vmspec.model.domain import Domain
from vmspec.plan.besides import Note
from vmspec.plan.file_uses import FileKey, HostPlaces, uses
from vmspec.plan.state import Actual
from vmspec.plan.verdict import Action, VmPlan


def alike(vm: VmPlan, left: Iterable[Actual], places: HostPlaces) -> VmPlan:
    """With a question for each of those that are left (ours, and no longer in the program) that has an image or a card of a new VM."""
    if vm.action is not Action.CREATE or vm.desired is None:
        return vm
    mine = _own(vm.domain, places)
    notes = tuple(Note("rename", "", _question(each, vm.name)) for each in left if mine & _own(each.inactive.readable, places))
    return replace(vm, notes=(*vm.notes, *notes)) if notes else vm


def _question(there: Actual, name: str) -> str:
    when = ", once it is shut off" if there.running else ""
    return f"did you rename {there.name} to {name}? (--rename {there.name}={name}{when})"


def _own(domain: Domain | None, places: HostPlaces) -> frozenset[FileKey]:
    """What no other guest has: images that are not shared, and the addresses of its cards."""
    if domain is None:
        return frozenset()
    images = (use.key for use in uses(domain, places) if use.what == "image" and not (use.shareable or use.below))
    return frozenset((*images, *(("mac", str(each.mac).lower()) for each in domain.interface if each.mac is not None)))
