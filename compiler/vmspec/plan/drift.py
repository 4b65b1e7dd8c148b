"""What differs on a host from the program, as findings: for people, for programs and for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from vmspec.plan.change import Change, Effect
from vmspec.plan.verdict import Action, HostPlan, VmPlan


class DriftKind(Enum):
    CONFIG = "config"
    """The configuration differs."""
    LIVE = "live"
    """The running guest differs from the configuration, and no deploy of ours left it so."""
    PENDING = "pending"
    """The running guest differs until it is restarted, as our last deploy left it: no drift."""
    MISSING = "missing"
    EXTRA = "extra"
    """Ours, but no longer in the program."""
    REFUSED = "refused"
    """A domain of somebody else, or of another name or UUID, is in the way."""
    AUTOSTART = "autostart"
    POWER = "power"
    """It does not run, or is paused or crashed, and is to run; or the other way."""
    FILE = "file"
    ELSEWHERE = "elsewhere"
    """A file of others on the host sets what ours sets, and wins."""
    SECRET = "secret"
    """A secret of libvirt that a VM names is not there, has no value, or another one than was given."""
    IMAGE = "image"
    """The host has another image for a disk, and it stays."""
    CLASH = "clash"
    """Two domains of the host write one file."""
    KEPT = "kept"
    """What the host has besides: overlays, saved states, snapshots, jobs. No drift."""


KINDS = {
    "overlay": DriftKind.KEPT,
    "moved": DriftKind.IMAGE,
    "unknown": DriftKind.IMAGE,
    "missing": DriftKind.MISSING,
    "clash": DriftKind.CLASH,
    "unfinished": DriftKind.POWER,
    "seed": DriftKind.FILE,
}


@dataclass(frozen=True)
class DriftFinding:
    target: str
    name: str
    """Of the domain, or the path of the file."""
    kind: DriftKind
    message: str
    change: Change | None = None

    @property
    def counts(self) -> bool:
        return self.kind not in (DriftKind.PENDING, DriftKind.KEPT)


def findings(plan: HostPlan) -> Iterator[DriftFinding]:
    for vm in plan.vms:
        yield from _vm(plan.target, vm)
    for each in plan.secrets:
        if each.counts:
            yield DriftFinding(plan.target, each.name, DriftKind.SECRET, str(each))
    for name in plan.unpruned:
        yield DriftFinding(plan.target, name, DriftKind.EXTRA, "is no longer in the program")
    for step in plan.files.steps if plan.files is not None else ():
        what = {"create": "is missing", "update": "differs", "remove": "is no longer in the program"}[step.action.value]
        yield DriftFinding(plan.target, step.path, DriftKind.FILE, what + (" and was changed by hand" if step.drift else ""))
    for other in plan.files.elsewhere if plan.files is not None else ():
        setting = other.setting
        change = Change(setting.name, other.theirs, setting.value, Effect.LIVE, setting.where)
        yield DriftFinding(plan.target, f"{other.file}:{other.line}", DriftKind.ELSEWHERE, str(other), change)


def _vm(target: str, vm: VmPlan) -> Iterator[DriftFinding]:
    match vm.action:
        case Action.CREATE:
            yield DriftFinding(target, vm.name, DriftKind.MISSING, "is not defined")
        case Action.MOVE if vm.move is not None:
            yield DriftFinding(target, vm.name, DriftKind.MISSING, f"is on {vm.move.host}")
        case Action.REFUSE:
            yield DriftFinding(target, vm.name, DriftKind.REFUSED, vm.reason)
        case Action.UPDATE if not vm.changes:
            yield DriftFinding(target, vm.name, DriftKind.MISSING, "runs, but is no longer defined")
        case _:
            pass
    yield from (DriftFinding(target, vm.name, DriftKind.CONFIG, _said(change), change) for change in vm.changes)
    if vm.autostart is not None and vm.action is not Action.CREATE:
        yield DriftFinding(target, vm.name, DriftKind.AUTOSTART, f"autostart is {'off' if vm.autostart else 'on'}")
    if vm.power is not None and vm.action is not Action.CREATE:
        yield DriftFinding(target, vm.name, DriftKind.POWER, f"it is {vm.power[0]}, and is to be {vm.power[1]}")
    yield from _running(target, vm)
    for note in vm.notes:
        kind = KINDS.get(note.kind, DriftKind.KEPT)
        yield DriftFinding(target, vm.name, kind, f"{note.path}: {note.message}" if note.path else note.message)


def _running(target: str, vm: VmPlan) -> Iterator[DriftFinding]:
    config = {change.path for change in vm.changes}
    found = [
        *((step.change, step.waits or not step.change.drift) for step in vm.live),
        *((change, not change.drift) for change in vm.pending),
    ]
    for change, expected in found:
        if change.path not in config:
            kind = DriftKind.PENDING if expected else DriftKind.LIVE
            yield DriftFinding(target, vm.name, kind, _said(change), change)


def _said(change: Change) -> str:
    return f"{change.path} is {change.before or 'not set'}, and is to be {change.after or 'not set'}"


def prometheus(found: Sequence[DriftFinding], hosts: Sequence[tuple[str, bool]]) -> str:
    """For the textfile collector; `hosts` with whether they could be looked at. Samples of one metric stand together, in a fixed order."""
    counts: dict[tuple[str, str, str], int] = {}
    for each in found:
        counts[each.target, each.name, each.kind.value] = counts.get((each.target, each.name, each.kind.value), 0) + 1
    lines = ["# HELP vmspec_host_verified Whether the host could be looked at.", "# TYPE vmspec_host_verified gauge"]
    lines += [f"vmspec_host_verified{{host={_label(host)}}} {int(seen)}" for host, seen in sorted(hosts)]
    lines += ["# HELP vmspec_drift Differences from the program, by kind.", "# TYPE vmspec_drift gauge"]
    lines += [
        f"vmspec_drift{{host={_label(host)},name={_label(name)},kind={_label(kind)}}} {count}"
        for (host, name, kind), count in sorted(counts.items())
    ]
    return "\n".join(lines) + "\n"


def _label(text: str) -> str:
    """Prometheus text format 0.0.4: backslash, quote and line feed are escaped."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
