"""What a VM needs of its host and the host has not: said of it, and why it is not started."""

from __future__ import annotations

from vmspec.base.provenance import Path
from vmspec.base.record import replace
from vmspec.plan.besides import Note
from vmspec.plan.needs import NOT_LOOKED, NeedPlace, missing, needs
from vmspec.plan.state import Platform
from vmspec.plan.verdict import Action, VmPlan


def with_lacks(vm: VmPlan, platform: Platform, trial: bool) -> VmPlan:
    """With what it needs of the host and the host has not. A host of trial need not have it."""
    definition = vm.domain if vm.domain is not None or vm.desired is None else vm.desired.domain
    wanted = {} if definition is None or platform.presence == NOT_LOOKED else needs(definition)
    kind = "absent" if trial else "missing"
    notes = tuple(_lack(vm, kind, what, wanted[need]) for need, what in missing(wanted, platform.presence))
    if notes and (vm.start or vm.restart) and not trial:
        reason = "; ".join(_at_line(note) for note in notes)
        return VmPlan(vm.name, vm.uuid, Action.REFUSE, reason=reason, running=vm.running, actual=vm.actual, notes=vm.notes)
    return replace(vm, notes=(*vm.notes, *notes)) if notes else vm


def _lack(vm: VmPlan, kind: str, what: str, at: NeedPlace) -> Note:
    """With the line that names what the host has not."""
    message = f"{what}: it does not start"
    if vm.desired is None:
        return Note(kind, "", message)
    block, index = at
    devices = {"disk": vm.desired.domain.disk, "interface": vm.desired.domain.interface}.get(block, ())
    path: Path = (block, devices[index].label, "source") if index < len(devices) else (block,)
    shown, place = vm.desired.where(path, True)
    return Note(kind, shown, message, place)


def _at_line(note: Note) -> str:
    place = f" ({note.where.file}:{note.where.line})" if note.where.file is not None else ""
    return f"{note.path}: {note.message}{place}" if note.path else note.message
