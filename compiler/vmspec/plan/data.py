"""A plan for programs: JSON with a version; the same plan is the same text."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from vmspec.base.json_text import Json
from vmspec.plan.besides import Note
from vmspec.plan.change import Author, Change
from vmspec.plan.files import FilesPlan
from vmspec.plan.secrets import SecretPlan
from vmspec.plan.verdict import HostPlan, VmPlan

VERSION = 1


def plain(plans: Sequence[HostPlan]) -> dict[str, Json]:
    return {"version": VERSION, "changes": any(plan.due for plan in plans), "hosts": [_host(plan) for plan in plans]}


def _host(plan: HostPlan) -> Json:
    return {
        "target": plan.target,
        "uri": plan.uri,
        "fingerprint": plan.fingerprint,
        "changes": plan.due,
        "vms": [_vm(vm) for vm in plan.vms],
        "foreign": plan.foreign,
        "unpruned": list(plan.unpruned),
        "secrets": [_secret(each) for each in plan.secrets],
        "leaving": [
            {"name": each.name, "running": each.running, "host": each.host, "unfinished": each.unfinished} for each in plan.leaving
        ],
        "files": None if plan.files is None else files(plan.files),
    }


def _vm(vm: VmPlan) -> Json:
    return {
        "name": vm.name,
        "uuid": vm.uuid,
        "action": vm.action.value,
        "due": vm.due,
        "running": vm.running,
        "reason": vm.reason or None,
        "old_name": vm.old_name,
        "definition": vm.digest or None,
        "found": sha256(vm.actual.inactive.data).hexdigest()[:32] if vm.actual is not None else None,
        "moves_from": None if vm.move is None else vm.move.host,
        "autostart": vm.autostart,
        "start": vm.start,
        "restart": vm.restart,
        "stop": vm.stop,
        "resume": vm.resume,
        "power": None if vm.power is None else {"is": vm.power[0], "wanted": vm.power[1]},
        "kept_passwords": list(vm.kept_passwords),
        "lacks": list(vm.lacks),
        "changes": [change(each) for each in vm.changes],
        "live": [change(step.change) for step in vm.live],
        "pending": [change(each) for each in vm.pending],
        "not_restarted": vm.blocked or None,
        "notes": [_note(note) for note in vm.notes],
    }


def _note(note: Note) -> Json:
    return {"kind": note.kind, "path": note.path or None, "message": note.message, "file": note.where.file, "line": note.where.line}


def _secret(each: SecretPlan) -> Json:
    return {"name": each.name, "kind": each.kind, "uuid": each.uuid, "action": each.doing.value, "vms": list(each.vms)}


def change(each: Change) -> Json:
    return {
        "path": each.path,
        "before": each.before,
        "after": each.after,
        "class": each.effect.value,
        "drift": each.drift,
        "changed_by": {Author.PROGRAM: None, Author.HAND: "hand", Author.BOTH: "both"}[each.author],
        "file": each.where.file,
        "line": each.where.line,
        "layer": each.where.layer,
    }


def files(plan: FilesPlan) -> Json:
    steps: list[Json] = [
        {
            "path": step.path,
            "action": step.action.value,
            "drift": step.drift,
            "class": step.effect.value,
            "changes": [change(each) for each in step.changes],
        }
        for step in plan.steps
    ]
    return {"steps": steps, "commands": list(plan.commands), "reboot": plan.reboot, "elsewhere": [str(each) for each in plan.elsewhere]}
