"""A rollback of one host, whole: which deploys it undoes, under the lock, with a journal of its own; and that the person was told."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import replace

from vmspec.base.diagnostic import Diagnostic
from vmspec.deploy import codes, filesback
from vmspec.deploy.apply import Watch
from vmspec.deploy.binding import HostError, Refused
from vmspec.deploy.entry import JournalEntry
from vmspec.deploy.host import absent, connected
from vmspec.deploy.journal import History, Journal, next_number
from vmspec.deploy.lines import JournalLine
from vmspec.deploy.past import back_to, named, route, unreported
from vmspec.deploy.rollback import Back, Undo, backs, roll_back
from vmspec.deploy.rootfs import Root
from vmspec.deploy.run import HostResult, HostTarget, Settings, left_early, settled, with_files
from vmspec.deploy.store import held, store_of, store_without
from vmspec.plan.files import FilesPlan


def undone(target: HostTarget, settings: Settings, dry_run: bool, stop: bool, watch: Watch) -> tuple[HostResult, list[Back]]:
    """Back to an earlier deploy; with `dry_run` only what that would be."""
    try:
        known = store_without(settings.state_dir, target.uri)
        if absent(target.uri):
            history = History() if known is None else known.history()
            return _would(target, settings, history, [], _undoable(history, target, settings))
        if dry_run:
            with connected(target.uri, change=False, patience=settings.patience) as host:
                history = store_of(settings.state_dir, host).history()
                entries = _undoable(history, target, settings)
                return _would(target, settings, history, backs(entries, host.domains()), entries)
        if known is not None:
            _undoable(known.history(), target, settings)  # else a lock is made for nothing
        return _done(target, settings, stop, watch)
    except HostError as error:
        return HostResult(target, error=error.diagnostic), []
    except (Refused, OSError) as error:
        return HostResult(target, error=Diagnostic(codes.VM_FAILED, f"{target.uri}: {error}")), []


def reported(results: Sequence[HostResult]) -> None:
    """The person has been told of rollbacks that are whole: the next one goes further back."""
    for result in results:
        if result.journal is not None and result.ok:
            with contextlib.suppress(OSError):
                descriptor = os.open(result.journal, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(json.dumps({"step": "reported"}, separators=(",", ":")).encode() + b"\n")


def _would(
    target: HostTarget, settings: Settings, history: History, found: list[Back], entries: list[JournalEntry]
) -> tuple[HostResult, list[Back]]:
    found = _chosen(found, settings)
    notes = _notes(history, entries, target, settings)
    return HostResult(target, files=_files_back(entries, settings), warnings=tuple(history.warnings), notes=notes), found


def _done(target: HostTarget, settings: Settings, stop: bool, watch: Watch) -> tuple[HostResult, list[Back]]:
    with held(target.uri, settings.state_dir, settings.lock_timeout, settings.patience) as (host, store, history):
        entries = _undoable(history, target, settings)
        notes, warnings = _notes(history, entries, target, settings), tuple(history.warnings)
        if not entries:
            whole = unreported(history, *_whose(target, settings))
            journal = None if whole is None else store.folder / f"{whole.number:06d}.jsonl"
            return HostResult(target, warnings=warnings, notes=notes, journal=journal), []
        interrupted = history.interrupted()
        found = _chosen(backs(entries, settled(host, interrupted)), settings)
        journal_ = Journal(store.folder, next_number(store.folder), _head(target, entries, settings))
        with contextlib.closing(journal_):
            undo = Undo(host, journal_, settings.options, stop, frozenset(interrupted), watch)
            result = _undone(undo, found, entries, target, settings)
        file = store.folder / f"{journal_.number:06d}.jsonl"
        return replace(result, warnings=warnings, notes=notes, journal=file), found


def _whose(target: HostTarget, settings: Settings) -> tuple[str | None, str]:
    """Of the host and the project that a program names; without a program whatever was deployed."""
    project = settings.wishes.project
    return (target.name if project else None), project


def _undoable(history: History, target: HostTarget, settings: Settings) -> list[JournalEntry]:
    """None where the host is already where it is to be."""
    whose = _whose(target, settings)
    if settings.to is not None:
        found = back_to(history, settings.to, *whose)
    elif unreported(history, *whose) is not None:
        return []
    else:
        found = history.undoable(*whose)
        if not found:
            raise HostError(codes.NOTHING_TO_ROLL_BACK, f"nothing has been deployed to {target.name} that could be rolled back")
    other = next((root for root in _roots(found) if root != settings.files_root), None)
    if other is not None and not settings.keep_files:
        help = f"bring them back too, with {'--host-files' if other == '/' else f'--root {other}'}, or leave them with --keep-files"
        raise HostError(codes.BAD_CALL, f"that deploy changed files below {other} too", help)
    return found


def _notes(history: History, entries: Sequence[JournalEntry], target: HostTarget, settings: Settings) -> tuple[str, ...]:
    whose = _whose(target, settings)
    if entries:
        return (route(history, entries, *whose),)
    whole = unreported(history, *whose)
    if whole is not None and settings.to is None:
        return (f"{named(whole)} was whole when it was killed: nothing is left to do",)
    return (f"at deploy {settings.to} already",)


def _chosen(found: list[Back], settings: Settings) -> list[Back]:
    only = settings.wishes.only
    chosen = found if only is None else [back for back in found if only.fits(back.before.name)]
    if found and not chosen:
        raise HostError(
            codes.BAD_CALL, "--only fits no VM that the rollback is about", f"there are {', '.join(b.before.name for b in found)}"
        )
    return chosen


def _head(target: HostTarget, entries: Sequence[JournalEntry], settings: Settings) -> JournalLine:
    # A part of a deploy that has been undone leaves the rest of it to be undone.
    of = [entry.number for entry in entries] if settings.wishes.only is None else []
    project = settings.wishes.project or entries[0].project
    return {"kind": "rollback", "of": of, "uri": target.uri, "target": entries[0].target, "project": project}


def _files_back(entries: Sequence[JournalEntry], settings: Settings) -> FilesPlan | None:
    return None if settings.files_root is None else filesback.plan_back(entries, Root(settings.files_root))


def _roots(entries: Sequence[JournalEntry]) -> list[str]:
    """Below which the deploys changed files."""
    return list(dict.fromkeys(str(line.get("root")) for entry in entries for line in entry.files))


def _undone(undo: Undo, found: list[Back], entries: Sequence[JournalEntry], target: HostTarget, settings: Settings) -> HostResult:
    outcomes = roll_back(undo, found)
    left = tuple(root for root in _roots(entries) if root != settings.files_root)
    files = _files_back(entries, settings)
    result = HostResult(target, None, tuple(outcomes), files=files, files_left=left)
    waiting = left_early(result, undo.host, settings)
    if waiting is not None:
        undo.journal.write([{"step": "left", "why": waiting.message}])
        return replace(result, error=waiting)
    result = with_files(result, settings, undo.journal)
    undo.journal.write([{"step": "end" if result.ok else "failed", "ok": result.ok}])
    return result
