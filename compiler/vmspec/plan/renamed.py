"""A VM that is new under its name, and is on the host under another one: what nobody has called a rename, and looks like one."""

from __future__ import annotations

from collections.abc import Iterable

from vmspec.base.record import replace
from vmspec.plan.besides import Note
from vmspec.plan.clash import FileKey, HostPlaces, tree, uses
from vmspec.plan.state import Actual
from vmspec.plan.verdict import Action, VmPlan


def alike(vm: VmPlan, left: Iterable[Actual], places: HostPlaces) -> VmPlan:
    """With a question for each of those that are left (ours, and no longer in the program) that has an image or a card of a new VM."""
    if vm.action is not Action.CREATE or vm.desired is None:
        return vm
    mine = _own(vm.xml, places)
    notes = tuple(Note("rename", "", _question(each, vm.name)) for each in left if mine & _own(each.inactive, places))
    return replace(vm, notes=(*vm.notes, *notes)) if notes else vm


def _question(there: Actual, name: str) -> str:
    when = ", once it is shut off" if there.running else ""
    return f"did you rename {there.name} to {name}? (--rename {there.name}={name}{when})"


def _own(definition: bytes, places: HostPlaces) -> frozenset[FileKey]:
    """What no other guest has: images that are not shared, and the addresses of its cards."""
    root = tree(definition)
    macs = () if root is None else root.iterfind("./devices/interface/mac")
    images = (use.key for use in uses(definition, places) if use.what == "image" and not (use.shareable or use.below))
    return frozenset((*images, *(("mac", each.get("address", "").lower()) for each in macs)))
