"""One deploy or rollback as its journal tells it: what was there before, what was done, and how far it came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vmspec.deploy.lines import JournalLine, places, words
from vmspec.plan.chain import ImageKey
from vmspec.plan.restore import Before

UNKNOWN = "unknown"
"""The kind of a journal that cannot be read."""


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
    files: tuple[JournalLine, ...] = ()
    """What was ours of the host's files ."""
    head: JournalLine = field(default_factory=dict)
    steps: tuple[str, ...] = ()
    """Of all lines."""
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
        return "reported" in self.steps or "by" not in self.head


def entry_of(number: int, lines: Sequence[JournalLine]) -> JournalEntry:
    """Of the lines of its journal."""
    head = lines[0] if lines else {}
    pruned: list[str] = []
    before: list[Before] = []
    applied: dict[str, bytes] = {}
    created: dict[str, str] = {}
    stopped: dict[str, bool] = {}
    left: dict[str, str] = {}
    refused: dict[str, frozenset[str]] = {}
    kept: dict[str, Mapping[str, ImageKey]] = {}
    files: list[JournalLine] = []
    for line in lines[1:]:
        uuid = str(line.get("uuid", ""))
        match line.get("step"):
            case "before":
                # A domain that was done twice in one deploy: what was there before our own definition.
                if uuid not in applied or not uuid:
                    before = [*(each for each in before if not uuid or each.uuid != uuid), _before(line, uuid)]
            case "defined":
                applied[uuid] = str(line.get("result") or "").encode()
                created[str(line.get("name"))] = uuid
                kept[uuid] = places(line.get("kept"))
            case "stopping":
                stopped[uuid] = True
                left[uuid] = str(line.get("from", ""))
            case "runs on" | "started":
                stopped[uuid] = False
            case "refused":
                refused[uuid] = words(line.get("paths"))
            case "pruned":
                pruned.append(uuid)
            case "files":
                files.append(line)
    failed = any(line.get("step") in ("end", "failed") and line.get("ok") is False for line in lines)
    of = head.get("of")
    ended = any(line.get("step") == "end" for line in lines)
    kind = str(head.get("kind", ""))
    undone = tuple(of) if isinstance(of, list) else ()
    whose = str(head.get("target", "")), str(head.get("project", ""))
    what = (tuple(before), applied, created, stopped, left, refused, kept)
    steps = tuple(str(line.get("step")) for line in lines[1:])
    return JournalEntry(number, kind, ended, *what, undone, *whose, tuple(files), head, steps, tuple(pruned), failed)


def _before(line: JournalLine, uuid: str) -> Before:
    text = line.get("definition")
    definition = text.encode() if isinstance(text, str) else None
    flags = (line.get("autostart") is True, line.get("running") is True)
    moved = (str(line.get("moved_from", "")), str(line.get("moved_to", "")))
    return Before(str(line.get("name")), uuid, definition, *flags, words(line.get("passwords")), *moved)
