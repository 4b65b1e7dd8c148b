"""One deploy or rollback as its journal tells it: what was there before, what was done, and how far it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from vmspec.deploy.lines import JournalText
from vmspec.deploy.steps import (
    Defined,
    Ended,
    FilesBefore,
    JournalHead,
    JournalStep,
    LeftEarly,
    LeftRunning,
    NotWhole,
    Pruned,
    RefusedLive,
    Reported,
    SecretSet,
    Started,
    Stopping,
)
from vmspec.plan.chain import ImageKey
from vmspec.plan.restore import Before

UNKNOWN = "unknown"
"""The kind of a journal that cannot be read."""
NO_HEAD = JournalHead()


@dataclass(frozen=True)
class JournalEntry:
    """One deploy or rollback, as far as it came."""

    number: int
    kind: str
    ended: bool
    before: tuple[Before, ...] = ()
    applied: Mapping[str, bytes] = field(default_factory=dict)
    """By UUID, what libvirt made of what was defined."""
    created: Mapping[str, str] = field(default_factory=dict)
    """Name → UUID of what was defined."""
    stopped: Mapping[str, bool] = field(default_factory=dict)
    """By UUID, whether a guest was stopped for a restart, or has been started again or left running."""
    left: Mapping[str, str] = field(default_factory=dict)
    """By UUID, the host on which a guest was stopped for a move."""
    refused: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By UUID, the paths of what libvirt refused to change in the running guest."""
    kept: Mapping[str, Mapping[str, ImageKey]] = field(default_factory=dict)
    """By UUID and target, what the program named for a disk whose image stayed, since it was the host's."""
    of: tuple[int, ...] = ()
    """Of a rollback: the deploys that it undoes."""
    target: str = ""
    project: str = ""
    files: tuple[FilesBefore, ...] = ()
    """What was ours of the host's files."""
    head: JournalHead = NO_HEAD
    steps: tuple[JournalStep, ...] = ()
    pruned: tuple[str, ...] = ()
    """UUIDs of what it undefined."""

    failed: bool = False
    """It came to its end, and not all of it went well."""

    def is_of(self, target: str | None, project: str) -> bool:
        """Whether a project's program means it by this target; without a program everything is meant. URIs are spelled in many ways."""
        if target is None:
            return True
        return self.project == project and (self.target == target or ("://" in self.target and "://" in target))

    @property
    def reported(self) -> bool:
        """Whether the person has been told; of a journal that an older vmc wrote, that is taken for granted."""
        return Reported() in self.steps or not self.head.by


def entry_of(number: int, text: JournalText) -> JournalEntry:
    """What its steps come to."""
    head = text.head or JournalHead()
    made = _Made()
    for step in text.steps:
        made.take(step)
    ended = any(isinstance(step, Ended) for step in text.steps)
    failed = any(isinstance(step, NotWhole) or step == Ended(ok=False) for step in text.steps)
    what = (tuple(made.before), made.applied, made.created, made.stopped, made.left, made.refused, made.kept)
    whose = head.of, head.target, head.project
    return JournalEntry(number, head.kind, ended, *what, *whose, tuple(made.files), head, text.steps, tuple(made.pruned), failed)


class _Made:
    """What the steps so far have come to."""

    def __init__(self) -> None:
        self.before: list[Before] = []
        self.applied: dict[str, bytes] = {}
        self.created: dict[str, str] = {}
        self.stopped: dict[str, bool] = {}
        self.left: dict[str, str] = {}
        self.refused: dict[str, frozenset[str]] = {}
        self.kept: dict[str, Mapping[str, ImageKey]] = {}
        self.files: list[FilesBefore] = []
        self.pruned: list[str] = []

    def take(self, step: JournalStep) -> None:
        match step:
            case Before(uuid=uuid):
                # A domain that was done twice in one deploy: what was there before our own definition.
                if uuid not in self.applied or not uuid:
                    self.before = [*(each for each in self.before if not uuid or each.uuid != uuid), step]
            case Defined(name=name, uuid=uuid):
                self.applied[uuid] = step.result
                self.created[name] = uuid
                self.kept[uuid] = step.kept
            case Stopping(uuid=uuid):
                self.stopped[uuid] = True
                self.left[uuid] = step.origin
            case LeftRunning(uuid=uuid) | Started(uuid=uuid):
                self.stopped[uuid] = False
            case RefusedLive(uuid=uuid):
                self.refused[uuid] = frozenset(step.paths)
            case Pruned(uuid=uuid):
                self.pruned.append(uuid)
            case FilesBefore():
                self.files.append(step)
            case SecretSet() | LeftEarly() | NotWhole() | Ended() | Reported():
                pass
            case _:
                assert_never(step)
