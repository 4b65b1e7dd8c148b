"""A plan for people: one block a host, one line a change with its class, its source line and its layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from vmspec.plan.besides import Note
from vmspec.plan.change import Change, SourcePlace
from vmspec.plan.files import FileAction, FilesPlan
from vmspec.plan.secrets import Doing
from vmspec.plan.verdict import Action, HostPlan, VmPlan
from vmspec.report.style import Style
from vmspec.report.terminal import safe

SIGNS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.RENAME: "~",
    Action.MOVE: ">",
    Action.PRUNE: "-",
    Action.REFUSE: "!",
    Action.NOTHING: " ",
}
WORDS = {
    Action.CREATE: "to create",
    Action.UPDATE: "to change",
    Action.RENAME: "to rename",
    Action.MOVE: "to move",
    Action.PRUNE: "to prune",
    Action.REFUSE: "refused",
    Action.NOTHING: "unchanged",
}
SHORT = 60
"""Characters of a value that are shown."""


def text(plan: HostPlan, look: Style) -> str:
    lines = [f"{look.strong(safe(plan.target))} ({safe(plan.uri)}): {_summary(plan)}"]
    for vm in plan.vms:
        lines += _vm(vm, look)
    for each in plan.leaving:
        state = "running, " if each.running else "stopped for a move that was cut off, " if each.unfinished else ""
        then = ": a deploy there moves it" if each.unfinished else ", whose plan says whether it moves"
        lines.append(f"  > {look.strong(safe(each.name))}  ({state}placed on {safe(each.host)}{then})")
    if plan.unpruned:
        lines.append(f"  no longer in the program, and kept (--prune): {safe(', '.join(plan.unpruned))}")
    lines += _secrets(plan)
    if plan.files is not None:
        lines += files_text(plan.files)
    return "\n".join(lines) + "\n"


def _secrets(plan: HostPlan) -> Iterator[str]:
    for each in plan.secrets:
        if each.doing is not Doing.NOTHING:
            yield f"  {'~' if each.doing is Doing.SET else '!'} {safe(str(each))}  ({safe(', '.join(each.vms))})"
    kept: dict[str, list[str]] = {}
    for vm in plan.vms:
        for param in vm.kept_passwords:
            kept.setdefault(param, []).append(vm.name)
    for param, names in kept.items():
        yield f"  ${safe(param)} was not given (--secret): the password stays as it is there  ({safe(', '.join(names))})"


def _summary(plan: HostPlan) -> str:
    count = Counter(Action.UPDATE if vm.due and vm.action is Action.NOTHING else vm.action for vm in plan.vms)
    parts = [f"{count[action]} {word}" for action, word in WORDS.items() if count[action]]
    others = [f"{plan.foreign} of others"] if plan.foreign else []
    return ", ".join([*parts, *others]) or "nothing"


def _vm(vm: VmPlan, look: Style) -> Iterator[str]:
    if vm.action is Action.NOTHING and not (vm.due or vm.power or vm.pending or vm.live or vm.notes):
        return
    sign = SIGNS[vm.action] if vm.action is not Action.NOTHING or not vm.due else "~"
    notes = ", ".join(note for on, note in _notes(vm) if on)
    yield f"  {sign} {look.strong(safe(vm.name))}" + (f"  ({safe(notes)})" if notes else "")
    yield from details(vm, look)
    for change in _rest(vm):
        yield f"      running: {_change(change)}"
    if vm.power is not None:
        flag = "" if vm.start or vm.stop or vm.resume else f" ({'--start' if vm.power[1] == 'running' else '--allow-restart'} does it)"
        yield f"      power: {vm.power[0]} → {vm.power[1]}{flag}"
    new = {change.path for change in vm.changes}
    yield from (f"      pending restart: {_change(change)}" for change in vm.pending if change.path not in new)
    yield from (f"      {look.warning(note.kind)}: {safe(_note(note))}" for note in vm.notes)
    if vm.blocked:
        yield f"      {look.error('not restarted')}: {safe(vm.blocked)} is under way"


def details(vm: VmPlan, look: Style) -> Iterator[str]:
    """Why it is refused, and what changes of its configuration."""
    if vm.action is Action.REFUSE:
        yield f"      {look.error('refused')}: {safe(vm.reason)}"
    for change in vm.changes:
        yield f"      {_change(change)}"


def _note(note: Note) -> str:
    return (f"{note.path}: {note.message}" if note.path else note.message) + where(note.where)


def _rest(vm: VmPlan) -> list[Change]:
    """Live steps that are not about a change of the configuration, which is shown anyway."""
    shown = {change.path for change in vm.changes}
    return [step.change for step in vm.live if step.change.path not in shown]


def _notes(vm: VmPlan) -> Iterator[tuple[bool, str]]:
    yield vm.running, "running"
    yield vm.old_name is not None, f"now called {vm.old_name}"
    yield vm.action is Action.PRUNE, "no longer in the program"
    if vm.move is not None:
        stops = f"{'stopped' if vm.move.there.running else 'undefined'} on {vm.move.host}{', started here' if vm.start else ''}"
        yield True, f"moves from {vm.move.host}: defined here, {stops}"
    yield vm.autostart is True, "autostart on"
    yield vm.autostart is False, "autostart off"
    yield vm.start and vm.move is None, "to be started"
    yield vm.restart, "to be restarted"
    yield vm.stop, "to be shut down"
    yield vm.resume, "to be resumed"
    yield bool(vm.lacks), f"not to be started: the host lacks its secret {', '.join(vm.lacks)}"


def _change(change: Change) -> str:
    value = f"{safe(shown(change.before))} → {safe(shown(change.after))}"
    return f"{change.effect.value:<10} {safe(change.path)}: {value}{by_hand(change)}{safe(where(change.where))}"


def by_hand(change: Change) -> str:
    return f" [{change.author.value}]" if change.drift else ""


def shown(value: str | None) -> str:
    if value is None:
        return "nothing"
    line = " ".join(value.split())
    return line if len(line) <= SHORT else f"{line[: SHORT - 1]}…"


def where(at: SourcePlace) -> str:
    place = f"{at.file}:{at.line}" if at.file is not None else ""
    return "".join(f"  {part}" for part in (place, f"({at.layer})" if at.layer else "") if part)


FILE_SIGNS = {FileAction.CREATE: "+", FileAction.UPDATE: "~", FileAction.REMOVE: "-"}


def files_text(files: FilesPlan) -> Iterator[str]:
    for step in files.steps:
        yield f"  {FILE_SIGNS[step.action]} {safe(step.path)}  {step.effect.value}{' [changed by hand]' if step.drift else ''}"
        yield from (f"      {_change(change)}" for change in step.changes)
    yield from (f"  ! {safe(str(each))}{safe(where(each.setting.where))}" for each in files.elsewhere)
    if files.commands:
        yield "  then, as root:"
        yield from (f"      {safe(command)}" for command in files.commands)
    if files.reboot:
        yield "  the host must be restarted for some of this to count"
