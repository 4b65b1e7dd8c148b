"""Our own memory of a host, on the machine that deploys: a directory for each host, with a lock and a journal for each deploy.

    STATE/<host>-<hash>/lock              held while a deploy or a rollback runs (flock(2)); nobody removes it
    STATE/<host>-<hash>/host.json         which host it is, and the URIs that have been used for it
    STATE/<host>-<hash>/000001.jsonl      one line a step, in order; the first says what for, the last that it ended
    STATE/<host>-<hash>/000001.jsonl.unreadable   one that could not be read

STATE is `--state-dir`, else $XDG_STATE_HOME/vmspec. A journal holds definitions as libvirt shows them without secrets.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import getpass
import os
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import vmspec
from vmspec.base.diagnostic import Diagnostic, Severity
from vmspec.base.record import replace
from vmspec.deploy import codes, lines
from vmspec.deploy.binding import HostError
from vmspec.deploy.entry import UNKNOWN, JournalEntry, entry_of
from vmspec.deploy.failpoints import act
from vmspec.deploy.steps import JournalHead, JournalStep, Reported
from vmspec.deploy.stop import Stop
from vmspec.importing.host_domain import HostDefinition, mark_of
from vmspec.plan.chain import ImageKey

UNREADABLE = ".unreadable"
LOOK_BACK = 20
"""Journals that are read for guests that were stopped for a restart."""
_NAME = re.compile(r"([0-9]{6,})\.jsonl(\.unreadable)?")
_in_this_process: dict[Path, threading.Lock] = {}


def base_of(state_dir: str | None) -> Path:
    if state_dir is not None:
        return Path(state_dir)
    import platformdirs

    return Path(platformdirs.user_state_path("vmspec", appauthor=False).as_posix())


def by_uri(base: Path, uri: str) -> Path:
    """Where journals were kept before hosts were known by their UUID."""
    words = re.sub(r"[^A-Za-z0-9.-]+", "-", uri).strip("-.")[:40].rstrip("-.")
    return base / f"{words}-{sha256(uri.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"


@contextlib.contextmanager
def locked(folder: Path, uri: str, timeout: float, stop: Stop) -> Iterator[None]:
    """One deploy at a time; HostError where another has it for longer than the timeout."""
    with act(f"mkdir {folder}"):
        own_folder(folder)
    with _one_of_ours(folder, stop), _flock(folder, uri, timeout, stop):
        yield


def own_folder(folder: Path, make: bool = True) -> None:
    """The folder of a host is a folder, and none that a link leads to."""
    with contextlib.suppress(FileExistsError):
        if make:
            folder.mkdir(parents=True, mode=0o700)
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise HostError(
            codes.STATE_LINK, f"{folder} is {'a link' if folder.is_symlink() else 'no folder'}", "remove it, or say --state-dir"
        )


@contextlib.contextmanager
def _one_of_ours(folder: Path, stop: Stop) -> Iterator[None]:
    """Two targets of one command may be one host: they are done one after the other."""
    lock = _in_this_process.setdefault(folder, threading.Lock())
    while not lock.acquire(timeout=0.2):
        if stop.asked:
            raise HostError(codes.INTERRUPTED, f"asked to end before {folder.name} was begun")
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _flock(folder: Path, uri: str, timeout: float, stop: Stop) -> Iterator[None]:
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


class History:
    """What has been done to a host, read when it is asked for, the newest first."""

    def __init__(self, *folders: Path, set_aside: bool = False) -> None:
        """`set_aside`: what cannot be read may be renamed. Of several folders, the later ones are newer."""
        self._folders = folders
        self._set_aside = set_aside
        self._read: dict[int, JournalEntry] = {}
        self._definitions: dict[bytes, HostDefinition] = {}
        self.warnings: list[Diagnostic] = []

    def numbers(self) -> list[int]:
        """The newest first."""
        return sorted(self._files(), reverse=True)

    def _files(self) -> dict[int, Path]:
        return {number: file for folder in self._folders for number, file in journals(folder).items()}

    def entry(self, number: int) -> JournalEntry:
        if number not in self._read:
            self._read[number] = self._entry(number, self._files()[number])
        return self._read[number]

    def _entry(self, number: int, file: Path) -> JournalEntry:
        if file.suffix == UNREADABLE:
            return JournalEntry(number, UNKNOWN, ended=True)
        try:
            return entry_of(number, lines.read(file))
        except lines.UnreadableJournal as error:
            aside = file.with_name(file.name + UNREADABLE)
            what = f"it is kept as {aside.name}" if self._set_aside else "deploy and rollback set it aside"
            message = f"{error}: what that deploy did is not known, and {what}"
            self.warnings.append(Diagnostic(codes.BAD_JOURNAL, message, severity=Severity.WARNING))
            if self._set_aside:
                with act("set a journal aside"):
                    file.rename(aside)
            return JournalEntry(number, UNKNOWN, ended=True)

    def entries(self) -> Iterator[JournalEntry]:
        return (self.entry(number) for number in self.numbers())

    def _definition(self, data: bytes) -> HostDefinition:
        """One for equal texts, so that each is read once."""
        return self._definitions.setdefault(data, HostDefinition(data))

    def last(self, uuid: str) -> HostDefinition | None:
        """What libvirt made of a domain's definition at the last deploy that defined it. None where a later one was killed over it."""
        for entry in self.entries():
            if uuid in entry.applied:
                return self._definition(entry.applied[uuid])
            if not entry.ended and any(each.uuid == uuid for each in entry.before):
                return None
        return None

    def started_with(self, uuid: str, mark: str) -> HostDefinition | None:
        """The configuration that a running guest was started with, by the mark that it carries."""
        for entry in self.entries():
            before = [each.definition for each in entry.before if each.uuid == uuid]
            for each in (*before, entry.applied.get(uuid)):
                if each is not None and mark_of(each) == mark:
                    return self._definition(each)
        return None

    def kept(self, uuid: str) -> Mapping[str, ImageKey]:
        """At the last deploy that defined a domain: by target what the program named for disks whose images stayed. Nothing once
        it has been removed."""
        for entry in self.entries():
            if uuid in entry.applied or uuid in entry.pruned:
                return entry.kept.get(uuid, {})
        return {}

    def deployed_from(self, uuid: str, digest: str) -> HostDefinition | None:
        """The newest configuration of a domain that was made of the source of this hash."""
        return next((each for each in self.deployed(uuid) if digest.encode() in each.data), None)

    def deployed(self, uuid: str) -> Iterator[HostDefinition]:
        """All configurations of a domain that deploys gave it, and what those found; the newest first."""
        for entry in self.entries():
            before = [each.definition for each in entry.before if each.uuid == uuid]
            yield from (self._definition(each) for each in (entry.applied.get(uuid), *before) if each is not None)

    def refused(self, uuid: str) -> frozenset[str]:
        """What libvirt refused to change in a running guest, at the last deploy that did anything to it."""
        about = (entry for entry in self.entries() if uuid in entry.applied or any(each.uuid == uuid for each in entry.before))
        return next((entry.refused.get(uuid, frozenset()) for entry in about), frozenset())

    def interrupted(self) -> dict[str, str]:
        """Guests that were stopped for a restart or a move, and neither started again nor left running: the last word on each counts.
        For a move with the host that it came from, else with nothing."""
        known: dict[str, bool] = {}
        left: dict[str, str] = {}
        for number in self.numbers()[:LOOK_BACK]:
            entry = self.entry(number)
            left = {**{uuid: entry.left.get(uuid, "") for uuid in entry.stopped}, **left}
            known = {**entry.stopped, **known}
        return {uuid: left[uuid] for uuid, stopped in known.items() if stopped}

    def undoable(self, target: str | None, project: str) -> list[JournalEntry]:
        """The last deploy, and before it those that were killed and that it went on with: the newest first. Of one target and project, or
        where there is none, of any."""
        undone = {number for entry in self.entries() if entry.kind == "rollback" and entry.ended for number in entry.of}
        found: list[JournalEntry] = []
        for entry in self.entries():
            if entry.kind == UNKNOWN and not found:
                help = f"`vmc history` lists all; --to {entry.number - 1} goes back beyond it"
                raise HostError(
                    codes.NOTHING_TO_ROLL_BACK, f"what deploy {entry.number} did is not known: its journal cannot be read", help
                )
            if entry.kind == UNKNOWN:
                break
            if not entry.is_of(target, project):
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


def journals(folder: Path) -> dict[int, Path]:
    """By number. One that could not be read is there as such."""
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208
    except (FileNotFoundError, NotADirectoryError):
        return {}
    return {int(match[1]): folder / name for name in names if (match := _NAME.fullmatch(name))}


class Journal:
    """The journal of the deploy that is going on. Lines that a later run relies on are on the disk before the step is taken."""

    def __init__(self, folder: Path, number: int, head: JournalHead) -> None:
        """`head`, but for when, by whom and by which vmc."""
        file = file_of(folder, number)
        with act("create journal"):
            self._descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self.number = number
        self._lock = threading.Lock()
        self._broken = False
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._write(lines.head_line(replace(head, when=when, by=_who(), vmc=vmspec.__version__)), "begin")
        _sync(folder)

    def write(self, *steps: JournalStep, sync: bool = True) -> None:
        self._write("".join(map(lines.line, steps)), lines.tag(steps[0]), sync)

    def _write(self, text: str, what: str, sync: bool = False) -> None:
        """All in one call of the system, so that lines of threads do not mix. After half a line there is no other: it must be the last."""
        with act(f"journal {what}"):
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


def file_of(folder: Path, number: int) -> Path:
    return folder / f"{number:06d}.jsonl"


def write_reported(file: Path) -> None:
    """Of a rollback that is whole: the person has been told of it, so that the next one goes further back."""
    with contextlib.suppress(OSError):
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(lines.line(Reported()).encode())


def _who() -> str:
    """The person and the machine."""
    with contextlib.suppress(KeyError, OSError):
        return f"{getpass.getuser()}@{socket.gethostname()}"
    return f"{os.getuid()}@{socket.gethostname()}"


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
