"""What the last build of some paths was made from and what it wrote: where all of it still stands as it did, there is nothing to build.

A store changes no output, only the time that it takes: what is kept is a record, never an output, and each input and each file of the
output is compared before it is believed. It lies in the user's own cache, where nobody else can write, and holds no hash of what holds
a password. `vmc build --no-cache` neither reads nor writes it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from vmspec.base.build_id import build_id
from vmspec.base.cache import cache_folder, read_own, write_own
from vmspec.base.files import FileError, read_bytes
from vmspec.base.record import record
from vmspec.driver import project
from vmspec.driver.sources import files_of
from vmspec.validate.folders import schema_folders

if TYPE_CHECKING:
    from vmspec.driver.compilation import Compilation

FORMAT = 1
MOST = 256 << 20
"""Bytes of any file that is compared."""
BOM = b"\xef\xbb\xbf"
Stamp: TypeAlias = list[str | int]
"""Of a written file: SHA-256, mode, size, times of content and of inode in ns, inode."""
SaidAtTheEnd: TypeAlias = "dict[str, object]"
"""What a build says at its end, as JSON has it."""


@record(frozen=True)
class Call:
    """What a build was asked for, and what lay there before it began."""

    paths: tuple[Path, ...]
    target: Path
    asked: tuple[str, ...]
    """The options that decide what is built, each as a text."""
    given: tuple[str, ...]
    project_file: str
    """SHA-256 of vmspec.toml, and where it is; empty without one."""
    judges: str
    """SHA-256 of the schemas that are checked against."""

    @property
    def record(self) -> Path:
        said = "\0".join((str(self.target), *map(os.path.abspath, self.paths), "", *self.asked))
        return cache_folder() / "builds" / f"{sha256(said.encode('utf-8', 'surrogateescape')).hexdigest()}.json"


def call(paths: Sequence[str | Path], target: str | Path, asked: Sequence[str], schemas: Sequence[Path]) -> Call:
    """Looks at what lies there now."""
    some = tuple(map(Path, paths))
    given = tuple(os.path.abspath(file) for file in files_of(some)[0])
    file = project.file_of(path for path in some if path.exists())
    where = "" if file is None else f"{file} {_digest(file)}"
    return Call(some, Path(os.path.abspath(target)), tuple(asked), given, where, _judges(schema_folders(schemas)))


def unchanged(asked: Call) -> SaidAtTheEnd | None:
    """What the build of before said at its end, where a build would read the same and write what already stands there."""
    kept = read_own(asked.record)
    if kept is None or kept.get("is") != _self_digest(kept) or kept.get("made by") != _maker(asked):
        return None
    try:
        for path, digest in kept["inputs"].items():
            if _digest(path) != digest:
                return None
        if _written(asked.target, kept["files"]):
            return dict(kept["summary"])
    except (OSError, KeyError, TypeError, ValueError, AttributeError):
        pass
    return None


def keep(
    asked: Call, compilation: Compilation, hashes: Mapping[str, str | None], sources: Mapping[str, str | None], said: SaidAtTheEnd
) -> None:
    """Remembers a build that had nothing to say and left the lock as it was. `hashes` are of the files that it wrote, `sources` of those
    that it read, without those in which a password stands."""
    if None in hashes.values() or None in sources.values() or not asked.given:
        return
    if asked.given != tuple(map(str, compilation.given)) or compilation.lock != compilation.lock_before:
        return
    root = compilation.project.root
    inputs = {str(root / path): digest for path, digest in sources.items()}
    lock = compilation.lock_source
    inputs[str(compilation.project.lock)] = "" if lock is None else sha256(lock.text.encode("utf-8", "surrogateescape")).hexdigest()
    files = dict(_stamps(asked.target, hashes))
    if len(files) != len(hashes) + 1:
        return
    kept: dict[str, object] = {"made by": _maker(asked), "inputs": inputs, "files": files, "summary": said}
    write_own(asked.record, json.dumps(kept | {"is": _self_digest(kept)}))


def _maker(asked: Call) -> list[object]:
    return [FORMAT, build_id(), asked.judges, asked.project_file, list(asked.given)]


def _self_digest(kept: Mapping[str, object]) -> str:
    return sha256(json.dumps({k: v for k, v in kept.items() if k != "is"}, sort_keys=True).encode()).hexdigest()


def _digest(path: str | Path) -> str:
    """As the compiler reads a source: without its byte order mark; empty for what is not there."""
    try:
        return sha256(read_bytes(path, MOST).removeprefix(BOM)).hexdigest()
    except FileError:
        return ""


def _judges(folders: Sequence[Path]) -> str:
    found = sha256()
    for folder in folders:
        found.update(f"{folder}\n".encode("utf-8", "surrogateescape"))
        for file in sorted(folder.glob("*.rng")):
            found.update(f"{file.name} {_digest(file)}\n".encode("utf-8", "surrogateescape"))
    return found.hexdigest()


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _entries(entry.path)
            else:
                yield entry


def _written(target: Path, files: Mapping[str, Stamp]) -> bool:
    """Whether a directory holds these files and no other. One that was touched is read again."""
    top, seen = len(f"{target}{os.sep}"), 0
    if target.is_symlink():
        return False
    for entry in _entries(str(target)):
        stamp = files[entry.path[top:].replace(os.sep, "/")]
        status, seen = entry.stat(follow_symlinks=False), seen + 1
        if _status(status) != stamp[1:] and (status.st_mode != stamp[1] or _digest(entry.path) != stamp[0]):
            return False
    return seen == len(files)


def _stamps(target: Path, hashes: Mapping[str, str | None]) -> Iterator[tuple[str, Stamp]]:
    top = len(f"{target}{os.sep}")
    for entry in _entries(str(target)):
        path = entry.path[top:].replace(os.sep, "/")
        yield path, [hashes.get(path) or _digest(entry.path), *_status(entry.stat(follow_symlinks=False))]


def _status(found: os.stat_result) -> list[int]:
    return [found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
