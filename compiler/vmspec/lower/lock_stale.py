"""What a build would change in a lock that is not to change."""

from __future__ import annotations

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.source import Source
from vmspec.lower import codes
from vmspec.lower.lock import DEFAULT_ENV, EMPTY_VM, Lock, VmLock, entry_span


def stale(before: Lock, after: Lock, source: Source | None, env: str | None) -> tuple[Diagnostic, ...]:
    """For `--locked`: one error for each VM whose entry would change. Exit code 4."""
    section = env or DEFAULT_ENV
    old, new = before.vms.get(section, {}), after.vms.get(section, {})
    return tuple(
        Diagnostic(
            codes.LOCK_STALE,
            f'the lock is out of date for "{name}": {_difference(old.get(name, EMPTY_VM), new.get(name, EMPTY_VM))}',
            entry_span(source, name),
        )
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    )


def _difference(old: VmLock, new: VmLock) -> str:
    if old == EMPTY_VM:
        return "it has no entry"
    if old.machine != new.machine:
        return f"the machine type would change from {old.machine} to {new.machine}"
    changed = sorted(key for key in old.addresses.keys() | new.addresses.keys() if old.addresses.get(key) != new.addresses.get(key))
    if changed:
        before, after = (vm.addresses.get(changed[0], "none") for vm in (old, new))
        return f"the address of {changed[0]} would change from {before} to {after}"
    return "its identity, targets or placement would change"
