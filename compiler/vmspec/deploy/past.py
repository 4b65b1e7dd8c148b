"""What was done to a host, as a numbered list; and which deploys a rollback has to undo to be back at one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vmspec.base.record import replace
from vmspec.deploy import codes
from vmspec.deploy.binding import HostError
from vmspec.deploy.entry import UNKNOWN, JournalEntry
from vmspec.deploy.journal import History
from vmspec.deploy.steps import FilesBefore
from vmspec.plan.only import Only
from vmspec.plan.restore import Before


@dataclass(frozen=True)
class Past:
    """One deploy or rollback, for people."""

    number: int
    when: str
    kind: str
    state: str
    """complete, failed, unfinished, rolled back, or unreadable."""
    by: str
    target: str
    project: str
    created: int
    changed: int
    pruned: int
    files: bool
    of: tuple[int, ...]
    vmc: str


def past(history: History) -> list[Past]:
    """The newest first."""
    entries = list(history.entries())
    undone = _undone(entries)
    return [_past(entry, entry.number in undone) for entry in entries]


def _past(entry: JournalEntry, undone: bool) -> Past:
    # Of one that was cut off, what it was about: some of it may have been done and not written down.
    cut_off = not entry.ended
    created = sum(
        each.definition is None and (cut_off or each.uuid in entry.applied or each.name in entry.created) for each in entry.before
    )
    pruned = len(entry.pruned)
    gone = frozenset(entry.pruned)
    changed = sum(
        each.definition is not None and each.uuid not in gone and (cut_off or each.uuid in entry.applied) for each in entry.before
    )
    if entry.kind == "rollback":
        created, changed = 0, len(entry.applied)
    return Past(
        entry.number,
        entry.head.when,
        entry.kind,
        _state(entry, undone),
        entry.head.by,
        entry.target,
        entry.project,
        created,
        changed,
        pruned,
        bool(entry.files),
        entry.of,
        entry.head.vmc,
    )


def _state(entry: JournalEntry, undone: bool) -> str:
    if entry.kind == UNKNOWN:
        return "unreadable"
    if undone:
        return "rolled back"
    if entry.failed:
        return "failed"
    return "complete" if entry.ended else "unfinished"


def _undone(entries: Sequence[JournalEntry]) -> frozenset[int]:
    return frozenset(number for entry in entries if entry.kind == "rollback" and entry.ended for number in entry.of)


# -------------------------------------------------------------------------------------------------- going back


@dataclass(frozen=True)
class Return:
    """The deploys that a rollback undoes, the newest first, and in words from where to where it goes."""

    entries: tuple[JournalEntry, ...]
    text: str

    def before(self, only: Only | None) -> list[Before]:
        """What was there before all of them, which the oldest knows; of a domain whose UUID the host gave, with that."""
        first: dict[str, Before] = {}
        created: dict[str, str] = {}
        for entry in self.entries:
            first |= {each.uuid or each.name: each for each in entry.before}
            created |= entry.created
        found = [each if each.uuid else replace(each, uuid=created.get(each.name, "")) for each in first.values()]
        chosen = found if only is None else [each for each in found if only.fits(each.name)]
        if found and not chosen:
            names = ", ".join(each.name for each in found)
            raise HostError(codes.BAD_CALL, "--only fits no VM that the rollback is about", f"there are {names}")
        return chosen

    @property
    def files(self) -> list[FilesBefore]:
        """What they wrote down of the host's files, the newest first."""
        return [each for entry in self.entries for each in entry.files]

    @property
    def roots(self) -> list[str]:
        """Below which they changed files."""
        return list(dict.fromkeys(each.root for each in self.files))


def way_back(history: History, to: int | None, target: str | None, project: str) -> Return:
    """To the deploy of this number, else to the one before the last. None is undone where the host is there already."""
    whole = unreported(history, target, project)
    if to is not None:
        found = back_to(history, to, target, project)
        return Return(tuple(found), route(history, found, target, project) if found else f"at deploy {to} already")
    if whole is not None:
        return Return((), f"{named(whole)} was whole when it was killed: nothing is left to do")
    found = history.undoable(target, project)
    if not found:
        raise HostError(codes.NOTHING_TO_ROLL_BACK, f"nothing has been deployed to {target} that could be rolled back")
    return Return(tuple(found), route(history, found, target, project))


def unreported(history: History, target: str | None, project: str) -> JournalEntry | None:
    """The last rollback, where nothing came after it and it was killed before it could say that it was whole."""
    newest = next((entry for entry in history.entries() if entry.is_of(target, project)), None)
    whole = newest is not None and newest.kind == "rollback" and newest.ended and not newest.reported
    return newest if whole else None


def back_to(history: History, number: int, target: str | None, project: str) -> list[JournalEntry]:
    """The deploys after this one that have not been undone, the newest first."""
    entries = list(history.entries())
    wanted = next((entry for entry in entries if entry.number == number), None)
    if number and (wanted is None or not wanted.is_of(target, project)):
        known = ", ".join(str(entry.number) for entry in reversed(entries) if entry.is_of(target, project)) or "none"
        raise HostError(
            codes.NOTHING_TO_ROLL_BACK, f"there is no deploy {number} in the journal: there are {known}", "`vmc history` lists them"
        )
    undone = _undone(entries)
    if number in undone:
        by = next(entry.number for entry in entries if entry.kind == "rollback" and entry.ended and number in entry.of)
        help = "deploy its sources again"
        raise HostError(codes.NOTHING_TO_ROLL_BACK, f"deploy {number} has been rolled back itself, by {by}", help)
    later = [entry for entry in entries if entry.number > number and entry.kind == "deploy" and entry.is_of(target, project)]
    return [entry for entry in later if entry.number not in undone and (entry.before or entry.files)]


def route(history: History, found: Sequence[JournalEntry], target: str | None, project: str) -> str:
    """From which deploy to which, in words."""
    entries = list(history.entries())
    undone = _undone(entries)
    oldest = min(entry.number for entry in found)
    earlier = (entry for entry in entries if entry.number < oldest and entry.kind == "deploy" and entry.number not in undone)
    before = next((entry for entry in earlier if entry.is_of(target, project) and (entry.before or entry.files)), None)
    newest = max(found, key=lambda entry: entry.number)
    return f"back from {named(newest)} to {'before the first deploy' if before is None else named(before)}"


def named(entry: JournalEntry) -> str:
    when = entry.head.when
    return f"{entry.kind} {entry.number}" + (f" of {when}" if when else "")
