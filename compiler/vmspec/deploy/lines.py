"""The lines of a journal: what each kind of line holds. A journal that holds anything else cannot be read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from vmspec.deploy import codes
from vmspec.deploy.binding import HostError
from vmspec.plan.chain import ImageKey

JournalLine: TypeAlias = dict[str, object]
VERSION = 1
RecordShape: TypeAlias = Mapping[str, type]

HEAD: RecordShape = {"version": int, "when": str, "kind": str, "uri": str, "target": str}
HEAD_MORE: RecordShape = {"project": str, "of": list, "by": str, "vmc": str}
STEPS: Mapping[str, RecordShape] = {
    "before": {"name": str, "uuid": str},
    "defined": {"name": str, "uuid": str, "result": str},
    "pruned": {"name": str, "uuid": str},
    "stopping": {"uuid": str},
    "runs on": {"uuid": str},
    "started": {"uuid": str},
    "refused": {"uuid": str, "paths": list},
    "files": {},
    "secret": {"secret": str},
    "left": {"why": str},
    "failed": {"ok": bool},
    "end": {"ok": bool},
    "reported": {},
}
MORE: Mapping[str, RecordShape] = {
    "before": {"definition": str, "autostart": bool, "running": bool, "passwords": list, "moved_from": str, "moved_to": str},
    "defined": {"kept": dict},
    "files": {"root": str},
    "stopping": {"from": str},
}
"""What a line may hold besides."""
KINDS = ("deploy", "rollback")


class UnreadableJournal(Exception):
    """Of a journal: where, and why."""


def read(file: Path) -> list[JournalLine]:
    """All lines, checked. A last line that a killed process left half is no line. HostError where a newer vmc has written it."""
    if file.is_symlink():
        raise UnreadableJournal(f"{file} is a link")
    try:
        texts = file.read_bytes().split(b"\n")
    except OSError as error:
        raise UnreadableJournal(f"{file}: {error.strerror or error}") from None
    found: list[JournalLine] = []
    for number, text in enumerate(texts[:-1], 1):
        line = _line(text)
        wrong = "is no JSON object" if line is None else _wrong(line, file, number == 1)
        if line is None or wrong is not None:
            raise UnreadableJournal(f"{file}:{number} {wrong}")
        found.append(line)
    return found


def _line(text: bytes) -> JournalLine | None:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) else None


def _wrong(line: JournalLine, file: Path, first: bool) -> str | None:
    if first:
        version = line.get("version")
        if isinstance(version, int) and version != VERSION:
            message = f"{file} is of version {version}, and this vmc knows version {VERSION}"
            raise HostError(codes.JOURNAL_VERSION, message, "use the vmc that wrote it, or another --state-dir")
        return _misfit(line, HEAD, HEAD_MORE) or _kind(line)
    step = line.get("step")
    shape = STEPS.get(step) if isinstance(step, str) else None
    return "is no step that is known" if shape is None else _misfit(line, shape, MORE.get(str(step), {}))


def _kind(line: JournalLine) -> str | None:
    of = line.get("of", [])
    numbers = isinstance(of, list) and all(type(each) is int for each in of)
    return None if line["kind"] in KINDS and numbers else "is of no kind that is known"


def _misfit(line: JournalLine, wanted: RecordShape, more: RecordShape) -> str | None:
    for name, kind in (*wanted.items(), *((name, kind) for name, kind in more.items() if name in line)):
        if type(line.get(name)) is not kind:
            return f"has no proper {name!r}"
    return None


def words(held: object) -> frozenset[str]:
    return frozenset(map(str, held)) if isinstance(held, list) else frozenset()


def places(held: object) -> dict[str, ImageKey]:
    """The images that the program named, by the target of the disk."""
    found = held.items() if isinstance(held, dict) else ()
    return {str(target): tuple(map(str, place)) for target, place in found if isinstance(place, list)}
