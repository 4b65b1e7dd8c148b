"""A plan for a pull request: Markdown tables, in which nothing of a source or a host is taken for markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vmspec.plan.change import Change
from vmspec.plan.secrets import Doing
from vmspec.plan.text import WORDS, shown, where
from vmspec.plan.verdict import Action, HostPlan, VmPlan
from vmspec.report.terminal import safe


def text(plans: Sequence[HostPlan]) -> str:
    return "\n".join(line for plan in plans for line in _host(plan)) + "\n"


def _host(plan: HostPlan) -> Iterator[str]:
    yield f"### {cell(plan.target)} ({cell(plan.uri)})"
    yield ""
    rows = [row for vm in plan.vms for row in _vm(vm)]
    rows += [
        f"| {cell(', '.join(each.vms))} | {each.doing.value} | | | | {cell(str(each))} |"
        for each in plan.secrets
        if each.doing is not Doing.NOTHING
    ]
    files = [] if plan.files is None else plan.files.steps
    if not rows and not files:
        yield "Something is left to be done on the host." if plan.due else "Nothing to do."
        yield ""
        return
    yield "| VM | class | attribute | is | will be | from |"
    yield "|---|---|---|---|---|---|"
    yield from rows
    for step in files:
        by_hand = " changed by hand" if step.drift else ""
        yield f"| | {step.effect.value} | {cell(step.path)} | | {step.action.value} |{by_hand} |"
        yield from (f"| | {_row(change, change.effect.value)}" for change in step.changes)
    yield ""
    if plan.files is not None and plan.files.commands:
        yield "Then, as root: " + ", ".join(cell(command) for command in plan.files.commands)
        yield ""


def _vm(vm: VmPlan) -> Iterator[str]:
    name = cell(vm.name)
    if vm.action is Action.REFUSE:
        yield f"| {name} | refused | | | | {cell(vm.reason)} |"
    elif vm.move is not None:
        yield f"| {name} | {WORDS[vm.action]} | place | {cell(vm.move.host)} | | |"
    elif vm.action in (Action.CREATE, Action.PRUNE, Action.RENAME):
        yield f"| {name} | {WORDS[vm.action]} | | {cell(vm.old_name or '')} | | |"
    for change in vm.changes:
        yield f"| {name} | {_row(change, change.effect.value)}"
    for change in vm.pending:
        yield f"| {name} | {_row(change, f'{change.effect.value}, pending restart')}"
    configured = {change.path for change in vm.changes}
    for step in vm.live:
        if step.change.path not in configured:
            yield f"| {name} | {_row(step.change, f'{step.change.effect.value}, running')}"
    for note in vm.notes:
        yield f"| {name} | {cell(note.kind)} | {cell(note.path)} | | | {cell(note.message)} |"
    if vm.blocked:
        yield f"| {name} | not restarted | | | | {cell(vm.blocked)} is under way |"
    if vm.start or vm.restart:
        yield f"| {name} | live | running | | {'restarted' if vm.restart else 'started'} | |"
    if vm.power is not None:
        yield f"| {name} | live | power | {vm.power[0]} | {vm.power[1]} | |"
    if vm.autostart is not None:
        yield f"| {name} | live | autostart | | {'true' if vm.autostart else 'false'} | |"


def _row(change: Change, kind: str) -> str:
    origin = where(change.where).strip() + (f" {change.author.value}" if change.drift else "")
    cells = (change.path, shown(change.before), shown(change.after), origin)
    return f"{kind} | " + " | ".join(map(cell, cells)) + " |"


def cell(text: str) -> str:
    """As it is: nothing ends the cell, opens a link or a tag."""
    plain = " ".join(safe(text).split())
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>|#!" else c for c in plain)
