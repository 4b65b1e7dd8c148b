"""A digest of all that a plan was made from, by which a saved plan is known to be out of date."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from vmspec.plan.verdict import VmPlan

STANDING = ("overlay", "moved", "unknown", "saved-state", "snapshot", "checkpoint")
"""The kinds of notes whose going or coming makes another plan."""


def fingerprint(vms: Iterable[VmPlan]) -> str:
    """Of all that a plan was made from: another desired or actual state gives another one. Of a password only whether it is to change:
    a hash that stands in a file could be tried out."""
    digest = sha256()
    for vm in vms:
        known = vm.actual
        parts = (
            vm.name,
            vm.action.value,
            vm.autostart,
            vm.start,
            vm.restart,
            vm.running,
            known and known.autostart,
            vm.power,
            vm.stop,
            vm.resume,
        )
        digest.update(repr(parts).encode())
        digest.update(repr((vm.power, vm.stop, vm.resume)).encode())
        digest.update(vm.digest.encode())
        digest.update(sha256(known.inactive.data if known else b"").digest())
        digest.update(repr([(step.way.value, step.change) for step in vm.live if not step.waits]).encode())
        moved = () if vm.move is None else (vm.move.uri, vm.move.there.running, sha256(vm.move.there.inactive.data).hexdigest())
        digest.update(repr(moved).encode())
        digest.update(repr((vm.blocked, [note for note in vm.notes if note.kind in STANDING])).encode())
    return digest.hexdigest()
