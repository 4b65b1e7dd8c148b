"""Our own memory of a host, on the machine that deploys: a directory for each host, with a lock and a journal for each deploy.

    STATE/<host>-<hash>/lock              held while a deploy or a rollback runs (flock(2)); nobody removes it
    STATE/<host>-<hash>/000001.jsonl      one line a step, in order; the first says what for, the last that it ended

STATE is `--state-dir`, else $XDG_STATE_HOME/vmspec. A journal holds definitions as libvirt shows them without secrets.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import re
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

from vmspec.deploy import codes
from vmspec.deploy.binding import HostError
from vmspec.deploy.faults import act
from vmspec.deploy.stop import Stop
from vmspec.plan.state import mark_of

Line: TypeAlias = dict[str, object]
VERSION = 1
LOOK_BACK = 20
"""Journals that are read for guests that were stopped for a restart."""
_NAME = re.compile(r"([0-9]{6,})\.jsonl")


def directory(base: str | None, uri: str) -> Path:
    """Of one host. What a URI holds cannot leave it: only letters, digits, `.` and `-` of it are used, and a hash."""
    if base is None:
        import platformdirs

        base = platformdirs.user_state_path("vmspec", appauthor=False).as_posix()
    words = re.sub(r"[^A-Za-z0-9.-]+", "-", uri).strip("-.")[:40].rstrip("-.")
    return Path(base) / f"{words}-{sha256(uri.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"


@contextlib.contextmanager
def locked(folder: Path, uri: str, timeout: float, stop: Stop) -> Iterator[None]:
    """One deploy at a time; HostError where another has it for longer than the timeout."""
    with act(f"mkdir {folder}"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with act("open lock"):
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        end = time.monotonic() + timeout
        while not _take(descriptor):
            if stop.asked:
                raise HostError(codes.INTERRUPTED, f"asked to end while another vmc is at work on {uri}")
            if time.monotonic() >= end:
                raise HostError(codes.HOST_LOCKED, f"another vmc is at work on {uri}", "wait for it: --lock-timeout SECONDS")
            time.sleep(0.1)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


# ----------------------------------------------------------------------------------------------------- journal


@dataclass(frozen=True)
class Before:
    """A domain as it was before a deploy; no definition where there was none."""

    name: str
    uuid: str
    definition: bytes | None
    autostart: bool = False
    running: bool = False
    passwords: frozenset[str] = frozenset()
    """The types of displays that had one; what they were is kept nowhere."""


@dataclass(frozen=True)
class Entry:
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
    of: tuple[int, ...] = ()
    """Of a rollback: the deploys that it undoes."""
    target: str = ""
    project: str = ""
    files: tuple[Line, ...] = ()
    """What was ours of the host's files (`filesback`)."""


class History:
    """What has been done to a host, read when it is asked for, the newest first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[int, Entry] = {}

    def numbers(self) -> list[int]:
        """The newest first."""
        try:
            names = os.listdir(self._folder)  # noqa: PTH208
        except FileNotFoundError:
            return []
        return sorted((int(match[1]) for name in names if (match := _NAME.fullmatch(name))), reverse=True)

    def entry(self, number: int) -> Entry:
        if number not in self._read:
            self._read[number] = _entry(number, self._folder / f"{number:06d}.jsonl")
        return self._read[number]

    def entries(self) -> Iterator[Entry]:
        return (self.entry(number) for number in self.numbers())

    def last(self, uuid: str) -> bytes | None:
        """What libvirt made of a domain's definition at the last deploy that defined it. None where a later one was killed over it."""
        for entry in self.entries():
            if uuid in entry.applied:
                return entry.applied[uuid]
            if not entry.ended and any(each.uuid == uuid for each in entry.before):
                return None
        return None

    def started_with(self, uuid: str, mark: str) -> bytes | None:
        """The configuration that a running guest was started with, by the mark that it carries."""
        for entry in self.entries():
            before = [each.definition for each in entry.before if each.uuid == uuid]
            for each in (*before, entry.applied.get(uuid)):
                if each is not None and mark_of(each) == mark:
                    return each
        return None

    def interrupted(self) -> frozenset[str]:
        """Guests that were stopped for a restart, and neither started again nor left running: the last word on each counts."""
        known: dict[str, bool] = {}
        for number in self.numbers()[:LOOK_BACK]:
            known = {**self.entry(number).stopped, **known}
        return frozenset(uuid for uuid, stopped in known.items() if stopped)

    def undoable(self, target: str | None, project: str) -> list[Entry]:
        """The last deploy, and before it those that were killed and that it went on with: the newest first. Of one target and project, or
        where there is none, of any."""
        undone = {number for entry in self.entries() if entry.kind == "rollback" and entry.ended for number in entry.of}
        found: list[Entry] = []
        for entry in self.entries():
            if target is not None and (entry.target, entry.project) != (target, project):
                continue
            if not (entry.before or entry.files):
                if found and entry.ended:
                    break  # a deploy that found nothing left to do: what was killed before it was whole
                continue  # killed before it had begun
            if entry.kind != "deploy" or entry.number in undone:
                if found:
                    break
                continue
            if found and entry.ended:
                break
            found.append(entry)
        return found


def _entry(number: int, file: Path) -> Entry:
    lines = _lines(file)
    head = lines[0] if lines else {}
    before: list[Before] = []
    applied: dict[str, bytes] = {}
    created: dict[str, str] = {}
    stopped: dict[str, bool] = {}
    files: list[Line] = []
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
            case "stopping":
                stopped[uuid] = True
            case "runs on" | "started":
                stopped[uuid] = False
            case "files":
                files.append(line)
    of = head.get("of")
    ended = any(line.get("step") == "end" for line in lines)
    kind = str(head.get("kind", ""))
    undone = tuple(of) if isinstance(of, list) else ()
    whose = str(head.get("target", "")), str(head.get("project", ""))
    return Entry(number, kind, ended, tuple(before), applied, created, stopped, undone, *whose, tuple(files))


def _before(line: Line, uuid: str) -> Before:
    text = line.get("definition")
    definition = text.encode() if isinstance(text, str) else None
    flags = (line.get("autostart") is True, line.get("running") is True)
    return Before(str(line.get("name")), uuid, definition, *flags, _words(line.get("passwords")))


def _words(held: object) -> frozenset[str]:
    return frozenset(map(str, held)) if isinstance(held, list) else frozenset()


def _lines(file: Path) -> list[Line]:
    """A last line that a killed process left half is no line."""
    texts = file.read_bytes().split(b"\n")
    found: list[Line] = []
    for number, text in enumerate(texts[:-1]):
        try:
            line = json.loads(text)
        except ValueError:
            line = None
        if not isinstance(line, dict):
            raise HostError(codes.BAD_JOURNAL, f"{file}:{number + 1} is not a line of the journal")
        found.append(line)
    return found


class Journal:
    """The journal of the deploy that is going on. Lines that a later run relies on are on the disk before the step is taken."""

    def __init__(self, folder: Path, number: int, head: Line) -> None:
        file = folder / f"{number:06d}.jsonl"
        with act("create journal"):
            self._descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self.number = number
        self._lock = threading.Lock()
        self._broken = False
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.write([{"version": VERSION, "when": when, **head}], sync=False)
        _sync(folder)

    def write(self, lines: list[Line], sync: bool = True) -> None:
        """All in one call of the system, so that lines of threads do not mix. After half a line there is no other: it must be the last."""
        text = "".join(json.dumps(line, ensure_ascii=True, separators=(",", ":")) + "\n" for line in lines)
        with act(f"journal {lines[0].get('step', 'begin')}"):
            with self._lock:
                if self._broken:
                    raise OSError(errno.EIO, "the journal could not be written")
                self._broken = True
                _write_all(self._descriptor, text.encode())
                self._broken = False
            if sync:
                os.fsync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def next_number(folder: Path) -> int:
    return max([0, *History(folder).numbers()]) + 1
