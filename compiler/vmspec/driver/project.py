"""Finds the project of some sources: its root, its id, and `vmspec.toml`.

Without a `vmspec.toml` in the folder of the sources or above it, that folder is the project and its name the id.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from vmspec.base import files
from vmspec.base.code import Code, Fault
from vmspec.base.diagnostic import Diagnostic
from vmspec.base.record import record
from vmspec.base.source import Source, Span
from vmspec.base.suggest import did_you_mean
from vmspec.model.target import Software, read_target

FILE = "vmspec.toml"
LOCK = "vmspec.lock"
KEYS = ("id", "target")
MAX_BYTES = 1 << 20

PROJECT_FILE = Code(
    1901,
    "project-file",
    """
    What: `vmspec.toml` cannot be read, is not TOML, has a key that it cannot have, or no `id` that is a non-empty string.
    Why: UUIDs of guests are derived from the id. A build that guessed another one would define every guest a second time.
    """,
    fault=Fault.CALL,
)
NO_SUCH_PATH = Code(
    1902,
    "no-such-path",
    """
    What: A path that was given does not exist, cannot be read, or is a directory without sources below it.
    Why: A build of nothing that succeeds would hide a misspelt path in a pipeline.
    """,
    fault=Fault.CALL,
)


@record(frozen=True)
class Project:
    root: Path
    id: str
    target: Software = Software()
    """`[target]`: what VMs are for whose host does not say its versions."""
    file: Path | None = None
    """None if there is no `vmspec.toml`."""

    @property
    def lock(self) -> Path:
        return self.root / LOCK

    def name(self, path: Path) -> str:
        """The path of a file in artifacts: relative to the root, with `/`."""
        return Path(os.path.relpath(path, self.root)).as_posix()


def find(paths: Iterable[Path]) -> tuple[Project, tuple[Diagnostic, ...]]:
    """Find the project: the nearest `vmspec.toml` at or above the folder that contains all paths."""
    folder = _common(paths)
    file = _nearest(folder)
    return _read(file) if file is not None else (Project(folder, folder.name or "root"), ())


def file_of(paths: Iterable[Path]) -> Path | None:
    """The `vmspec.toml` of the project that `find` would find."""
    return _nearest(_common(paths))


def root_of(path: Path) -> Path:
    """The project's root for one file or folder."""
    folder = _common([path])
    file = _nearest(folder)
    return folder if file is None else file.parent


def _nearest(folder: Path) -> Path | None:
    files = (parent / FILE for parent in (folder, *folder.parents))
    return next((file for file in files if os.path.lexists(file)), None)


def _common(paths: Iterable[Path]) -> Path:
    folders = [str(path if path.is_dir() else path.parent) for path in (Path(os.path.abspath(p)) for p in paths)]
    return Path(os.path.commonpath(folders)) if folders else Path.cwd()


def _read(file: Path) -> tuple[Project, tuple[Diagnostic, ...]]:
    import tomllib

    fallback = Project(file.parent, file.parent.name or "root", file=file)
    try:
        text = files.read_bytes(file, MAX_BYTES, below=file.parent).decode("utf-8-sig")
    except files.FileError as error:
        return fallback, (Diagnostic(PROJECT_FILE, f"{FILE} {error.reason}"),)
    except UnicodeDecodeError:
        return fallback, (Diagnostic(PROJECT_FILE, f"{FILE} cannot be read: it is not UTF-8"),)
    source = Source(FILE, text)
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, ValueError) else "It is nested too deeply"
        return fallback, (Diagnostic(PROJECT_FILE, f"{FILE} is not TOML: {reason[:1].lower()}{reason[1:]}", Span(source, 0, 0)),)
    table = next((key for key, value in data.items() if key not in KEYS and isinstance(value, dict) and "id" in value), None)
    if table is not None and "id" not in data:
        message = f"the keys of {FILE} stand at its top, in no table `[{table}]`"
        return fallback, (Diagnostic(PROJECT_FILE, message, _key(source, f"[{table}]"), help="take that line away"),)
    wrong = [_unknown(source, key) for key in data if key not in KEYS]
    id_ = data.get("id")
    if not isinstance(id_, str) or not id_.strip():
        help_ = 'write `id = "…"`; `vmc init` makes a random one'
        wrong.append(Diagnostic(PROJECT_FILE, f"{FILE} has no `id` that is a non-empty string", _key(source, "id"), help=help_))
        return fallback, tuple(wrong)
    target = data.get("target", {})
    said = read_target({str(k): str(v) for k, v in target.items()}) if isinstance(target, dict) else "is no table"
    if isinstance(said, str):
        wrong.append(Diagnostic(PROJECT_FILE, f"`target` of {FILE} cannot be read: {said}", _key(source, "[target]")))
        return fallback, tuple(wrong)
    return Project(file.parent, id_, said, file), tuple(wrong)


def _unknown(source: Source, key: str) -> Diagnostic:
    return Diagnostic(PROJECT_FILE, f"{FILE} has an unknown key `{key}`", _key(source, key), help=did_you_mean(key, KEYS))


def _key(source: Source, key: str) -> Span:
    """The line that begins with a key, or the start of the file."""
    for start in source.line_starts:
        if source.text.startswith(key, start):
            return Span(source, start, start + len(key))
    return Span(source, 0, 0)
