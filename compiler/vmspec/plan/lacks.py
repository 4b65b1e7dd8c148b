"""What a VM needs of its host and the host has not: said of it, and why it is not started."""

from __future__ import annotations

from vmspec.base.provenance import Path
from vmspec.base.record import replace
from vmspec.model.domain import Domain
from vmspec.plan.besides import Note
from vmspec.plan.needs import NOT_LOOKED, files, missing, needs
from vmspec.plan.state import Platform
from vmspec.plan.variables import variables_to_make
from vmspec.plan.verdict import Action, VmPlan


def with_lacks(vm: VmPlan, platform: Platform, trial: bool) -> VmPlan:
    """With what it needs of the host and the host has not. A host of trial need not have it."""
    definition = vm.domain if vm.domain is not None or vm.desired is None else vm.desired.domain
    if definition is None:
        return vm
    variables = _variables(definition, vm.name, platform)
    wanted = {} if platform.presence == NOT_LOOKED else needs(definition)
    lacks = [(what, wanted[need]) for need, what in missing(wanted, platform.presence)]
    unseen: list[str] = []
    seed = None if vm.desired is None or vm.desired.seed is None else vm.desired.seed.path
    for path, place in files(definition, variables):
        if path == seed:
            continue  # deploy writes it first (`seeds.py`)
        match platform.places.exists(path):
            case False:
                lacks.append((f"the host has not the file {path}", place))
            case None:
                unseen.append(path)
            case True:
                pass
    kind = "absent" if trial else "missing"
    notes = tuple(_lack(vm, kind, what, place) for what, place in lacks)
    if notes and (vm.start or vm.restart) and not trial:
        reason = "; ".join(_at_line(note) for note in notes)
        return VmPlan(vm.name, vm.uuid, Action.REFUSE, reason=reason, running=vm.running, actual=vm.actual, notes=vm.notes)
    if unseen and (vm.start or vm.restart) and platform.version and not trial:
        notes += (Note("unseen", "", f"nobody can see from here whether {', '.join(dict.fromkeys(unseen))} is there: not checked"),)
    return replace(vm, notes=(*vm.notes, *notes)) if notes else vm


def _variables(definition: Domain, name: str, platform: Platform) -> str | None:
    """The file of variables that a start would copy from a template."""
    nvram = None if definition.firmware is None else definition.firmware.nvram
    return None if nvram is None or not nvram.template else variables_to_make(definition, name, platform.places)


def _lack(vm: VmPlan, kind: str, what: str, at: Path) -> Note:
    """With the line that names what the host has not."""
    message = f"{what}: it does not start"
    if vm.desired is None:
        return Note(kind, "", message)
    shown, place = vm.desired.where(at, True)
    return Note(kind, shown, message, place)


def _at_line(note: Note) -> str:
    place = f" ({note.where.file}:{note.where.line})" if note.where.file is not None else ""
    return f"{note.path}: {note.message}{place}" if note.path else note.message
