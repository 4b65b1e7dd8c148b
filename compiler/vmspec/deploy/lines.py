"""The lines of a journal: each step as one JSON object with a tag, written as version 2; versions 1 and 2 are read.

Version 2 says every field of a step and no other. Version 1 left out what was not so (`autostart`, `kept`, `of` …), and fields that nobody
knows were let pass. What fits neither makes a journal unreadable: a step that is misread would be undone wrongly.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar, assert_never

from vmspec.base.record import record
from vmspec.deploy import codes
from vmspec.deploy.binding import HostError
from vmspec.deploy.hostfiles import known_file, plain_file
from vmspec.deploy.steps import (
    Defined,
    Ended,
    FileBefore,
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
from vmspec.plan.mode import PlanMode
from vmspec.plan.restore import Before

V = TypeVar("V")

VERSION = 2
READ = (1, 2)


class UnreadableJournal(Exception):
    """Of a journal: where, and why."""


@record(frozen=True)
class JournalText:
    """A journal as it was read; no head where the process was killed before it wrote one."""

    head: JournalHead | None = None
    steps: tuple[JournalStep, ...] = ()


def read(file: Path) -> JournalText:
    """A last line that a killed process left half is no line. HostError where a vmc has written it whose version is not known."""
    if file.is_symlink():
        raise UnreadableJournal(f"{file} is a link")
    try:
        texts = file.read_bytes().split(b"\n")[:-1]
    except OSError as error:
        raise UnreadableJournal(f"{file}: {error.strerror or error}") from None
    if not texts:
        return JournalText()
    held = [_object(text, file, number) for number, text in enumerate(texts, 1)]
    version = _version(held[0], file)
    head = _fitting(_head, held[0], version, file, 1)
    return JournalText(head, tuple(_fitting(_step, line, version, file, number) for number, line in enumerate(held[1:], 2)))


def head_line(head: JournalHead) -> str:
    """With the version, which is that of all lines."""
    return _text({"version": VERSION, **{name: list(value) if isinstance(value, tuple) else value for name, value in vars(head).items()}})


def line(step: JournalStep) -> str:
    return _text({"step": tag(step), **_fields(step)})


def _text(held: Mapping[str, object]) -> str:
    return json.dumps(held, ensure_ascii=True, separators=(",", ":")) + "\n"


TAGS: Mapping[type, str] = {
    Before: "before",
    Defined: "defined",
    Pruned: "pruned",
    Stopping: "stopping",
    LeftRunning: "runs on",
    Started: "started",
    RefusedLive: "refused",
    FilesBefore: "files",
    SecretSet: "secret",
    LeftEarly: "left",
    NotWhole: "failed",
    Ended: "end",
    Reported: "reported",
}


def tag(step: JournalStep) -> str:
    return TAGS[type(step)]


def _fields(step: JournalStep) -> dict[str, object]:
    match step:
        case Before():
            definition = None if step.definition is None else step.definition.decode()
            return {**vars(step), "definition": definition, "passwords": sorted(step.passwords)}
        case Defined():
            return {**vars(step), "result": step.result.decode(), "kept": {target: list(place) for target, place in step.kept.items()}}
        case Stopping():
            return {"uuid": step.uuid, "from": step.origin}
        case RefusedLive():
            return {"uuid": step.uuid, "paths": list(step.paths)}
        case FilesBefore():
            return {"root": step.root, "files": [_plain_file(each) for each in step.files]}
        case SecretSet():
            return {"secret": step.uuid}
        case NotWhole():
            return {"ok": False}
        case Pruned() | LeftRunning() | Started() | LeftEarly() | Ended() | Reported():
            return dict(vars(step))
        case _:
            assert_never(step)


def _plain_file(file: FileBefore) -> dict[str, object]:
    return {**plain_file(file.known), "data": None if file.data is None else b64encode(file.data).decode("ascii")}


# ------------------------------------------------------------------------------------------------------ reading


class _Misfit(Exception):
    """What is wrong with a line, in words that go on with its number."""


class _Line:
    """One object, whose fields are taken one by one, by name and by the kind of their value."""

    def __init__(self, held: Mapping[str, object], version: int) -> None:
        self._held = held
        self._version = version
        self._taken = {"version", "step"}

    @property
    def tag(self) -> object:
        return self._held.get("step")

    def take(self, name: str, kind: type[V]) -> V:
        self._taken.add(name)
        value = self._held.get(name)
        if type(value) is not kind:
            raise _Misfit(f"has no proper {name!r}")
        return value

    def later(self, name: str, kind: type[V], default: V) -> V:
        """A field that version 1 left out."""
        return default if self._version == 1 and name not in self._held else self.take(name, kind)

    def text_or_none(self, name: str) -> str | None:
        """Version 1 left it out, version 2 says null."""
        self._taken.add(name)
        if (name not in self._held) if self._version == 1 else (name in self._held and self._held[name] is None):
            return None
        return self.take(name, str)

    def texts(self, name: str, default: list[object] | None = None) -> tuple[str, ...]:
        found = self.take(name, list) if default is None else self.later(name, list, default)
        return tuple(_text_in(each, name) for each in found)

    def end(self) -> None:
        """Nothing is left that would be passed over."""
        more = sorted(set(self._held) - self._taken)
        if more and self._version > 1:
            raise _Misfit(f"has {more[0]!r}, which is not known")


def _text_in(value: object, name: str) -> str:
    if type(value) is not str:
        raise _Misfit(f"has no proper {name!r}")
    return value


def _object(text: bytes, file: Path, number: int) -> dict[str, object]:
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        held = None
    if not isinstance(held, dict):
        raise UnreadableJournal(f"{file}:{number} is no JSON object")
    return held


def _version(head: Mapping[str, object], file: Path) -> int:
    version = head.get("version")
    if type(version) is not int:
        raise UnreadableJournal(f"{file}:1 has no proper 'version'")
    if version not in READ:
        message = f"{file} is of version {version}, and this vmc knows versions 1 to {VERSION}"
        raise HostError(codes.JOURNAL_VERSION, message, "use the vmc that wrote it, or another --state-dir")
    return version


def _fitting(read_line: Callable[[_Line], V], held: Mapping[str, object], version: int, file: Path, number: int) -> V:
    line = _Line(held, version)
    try:
        found = read_line(line)
        line.end()
    except _Misfit as error:
        raise UnreadableJournal(f"{file}:{number} {error}") from None
    return found


def _head(line: _Line) -> JournalHead:
    kind = line.take("kind", str)
    of = line.later("of", list, [])
    if kind not in [each.value for each in PlanMode] or not all(type(each) is int for each in of):
        raise _Misfit("is of no kind that is known")
    whose = line.take("uri", str), line.take("target", str), line.later("project", str, "")
    return JournalHead(kind, *whose, tuple(of), line.take("when", str), line.later("by", str, ""), line.later("vmc", str, ""))


def _step(line: _Line) -> JournalStep:
    match line.tag:
        case "before":
            return _before(line)
        case "defined":
            kept = {target: _place(place) for target, place in line.later("kept", dict, {}).items()}
            return Defined(line.take("name", str), line.take("uuid", str), line.take("result", str).encode(), kept)
        case "pruned":
            return Pruned(line.take("name", str), line.take("uuid", str))
        case "stopping":
            return Stopping(line.take("uuid", str), line.later("from", str, ""))
        case "runs on":
            return LeftRunning(line.take("uuid", str))
        case "started":
            return Started(line.take("uuid", str))
        case "refused":
            return RefusedLive(line.take("uuid", str), line.texts("paths"))
        case "files":
            files = line.later("files", list, [])
            return FilesBefore(line.later("root", str, ""), tuple(map(_file, files)))
        case "secret":
            return SecretSet(line.take("secret", str))
        case "left":
            return LeftEarly(line.take("why", str))
        case "failed":
            line.take("ok", bool)
            return NotWhole()
        case "end":
            return Ended(line.take("ok", bool))
        case "reported":
            return Reported()
        case _:
            raise _Misfit("is no step that is known")


def _before(line: _Line) -> Before:
    definition = line.text_or_none("definition")
    return Before(
        line.take("name", str),
        line.take("uuid", str),
        None if definition is None else definition.encode(),
        line.later("autostart", bool, False),
        line.later("running", bool, False),
        frozenset(line.texts("passwords", [])),
        line.later("moved_from", str, ""),
        line.later("moved_to", str, ""),
    )


def _place(held: object) -> ImageKey:
    if not isinstance(held, list):
        raise _Misfit("has no proper 'kept'")
    return tuple(_text_in(each, "kept") for each in held)


def _file(held: object) -> FileBefore:
    try:
        if not isinstance(held, dict):
            raise TypeError(held)
        data = held["data"]
        return FileBefore(known_file(held), None if data is None else b64decode(data, validate=True))
    except (KeyError, TypeError, ValueError):
        raise _Misfit("has no proper 'files'") from None
