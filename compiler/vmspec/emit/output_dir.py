"""The output directory: written beside the old one, which stays until the new one is whole, and then swapped with it.

Killed at any moment, either the old or the new directory stands under its name, or (without renameat2) the old one is put back
by the next build. Files are not synced one by one: after a power loss, the hashes of the manifest tell whether they are whole.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from vmspec.base import files
from vmspec.base.diagnostic import Diagnostic, Label
from vmspec.base.source import Span
from vmspec.emit import atomic_dir, manifest
from vmspec.emit import output_dir_codes as codes
from vmspec.emit.artifact import Artifact
from vmspec.model.kinds import ObjectKind

OURS = frozenset((*(kind.folder for kind in ObjectKind), "seeds", manifest.NAME, "sourcemap.json"))
"""What stands at the top of an output directory."""
NAME_BYTES = 255
MAX_MANIFEST = 256 << 20
"""Of 100,000 VMs it has about 20 MiB."""


class TargetError(Exception):
    """The output directory cannot be replaced; the diagnostic says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class OutputTree:
    """A new output directory in the making; left without `commit`, it vanishes.

    `project` is the folder of the sources: a link in it does not lead the output elsewhere. Raises TargetError where the target is not
    ours or cannot be written.
    """

    def __init__(self, target: str | Path, project: Path | None = None) -> None:
        self.target = Path(os.path.abspath(target))
        self._project = project
        self.files: dict[str, str | None] = {}
        self._taken: dict[str, tuple[str, Span | None]] = {manifest.NAME: (manifest.NAME, None)}
        """What each name is written for; a folder's stands for the first file in it."""
        self._folders: set[str] = set()
        self._folds = False

    def __enter__(self) -> Self:
        _refuse_foreign(self.target)
        if self._project is not None and self.target.is_relative_to(os.path.abspath(self._project)):
            _refuse_led_away(self.target, self._project)
        self._staging = atomic_dir.Staging(self.target)
        try:
            self._staging.open()
            self._at = f"{self._staging.path}{os.sep}"
            self._folds = atomic_dir.ignores_case(self._staging.path)
        except BaseException as error:  # a signal leaves nothing behind either
            self._staging.discard()
            if isinstance(error, OSError):
                raise _cannot(self.target, error) from error
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._staging.discard()
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            raise _cannot(self.target, error) from error

    def add(self, artifact: Artifact) -> Diagnostic | None:
        """Write one file, or say why it cannot be."""
        path = artifact.path
        wrong = self._refuse(artifact)
        if wrong is not None:
            return wrong
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            os.makedirs(self._at + folder, exist_ok=True)
            self._folders.add(folder)
        self.files[path] = None if artifact.private else manifest.digest(artifact.data)
        _write(self._at + path, artifact.data, 0o600 if artifact.private else 0o666)
        return None

    def _refuse(self, artifact: Artifact) -> Diagnostic | None:
        path = artifact.path
        for part in (artifact.object or "-", *path.split("/")):
            reason = unfit(part)
            if reason is not None:
                return Diagnostic(codes.OUTPUT_NAME, f"{artifact.object or path!r} cannot be the name of a file: {reason}", artifact.span)
        other = self._claim(path, artifact.span)
        if other is None:
            return None
        name, span = other
        labels = () if span is None or span == artifact.span else (Label(span, f"this writes {name}"),)
        return Diagnostic(codes.OUTPUT_CLASH, f"{path} is taken by another file, {name}", artifact.span, labels=labels)

    def _claim(self, path: str, span: Span) -> tuple[str, Span | None] | None:
        """Takes a name, and the names of the folders on the way; or tells who has it."""
        folder = path.rpartition("/")[0]
        while folder and folder not in self._folders:
            taken = self._taken.setdefault(self._fold(folder), (f"{folder}/", span))
            if taken[0] != f"{folder}/":
                return taken
            folder = folder.rpartition("/")[0]
        key = self._fold(path)
        if key in self._taken:
            return self._taken[key]
        self._taken[key] = (path, span)
        return None

    def _fold(self, path: str) -> str:
        """The same for two paths that the file system takes for one."""
        if not self._folds:
            return path
        from unicodedata import normalize

        return normalize("NFC", path).casefold()

    def commit(self, content: manifest.Manifest) -> None:
        """Write the manifest and put the directory in the place of the old one."""
        content.files.update(self.files)
        _write(self._at + manifest.NAME, content.text().encode())
        _refuse_foreign(self.target)
        self._staging.commit()


def unfit(name: str) -> str | None:
    """Why a name cannot be that of a file; None where it can."""
    if not name:
        return "it is empty"
    if name in (".", ".."):
        return "it means a folder"
    bad = next((c for c in name if c < " " or c == "\x7f" or c in "/\\" or "\ud800" <= c <= "\udfff"), None)
    if bad is not None:
        return "it holds " + (bad if bad in "/\\" else f"the character U+{ord(bad):04X}")
    if len(name.encode()) > NAME_BYTES:
        return f"it is {len(name.encode())} bytes long, and {NAME_BYTES} are possible"
    return None


def _write(path: str, data: bytes, mode: int = 0o666) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), mode)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    finally:
        os.close(descriptor)


def _refuse_foreign(target: Path) -> None:
    """A missing or empty directory may be taken; another one only if it holds our manifest and nothing that we would not write."""
    try:
        if target.is_symlink():
            raise _not_ours(target, "is a symbolic link")
        names = os.listdir(target)
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise _not_ours(target, "is not a directory") from None
    except OSError as error:
        raise _cannot(target, error) from error
    if not names:
        return
    written = _written(target / manifest.NAME)
    if written is None:
        raise _not_ours(target, f"is not empty and has no {manifest.NAME} of ours")
    foreign = sorted(set(names) - OURS) or _unlisted(target, written)
    if foreign:
        raise _not_ours(target, f"also holds {', '.join(foreign[:3])}{' …' * (len(foreign) > 3)}, which no build has written")


def _unlisted(target: Path, written: frozenset[str]) -> list[str]:
    """Files below the folders of a build that its manifest does not name."""
    top = len(f"{target}{os.sep}")
    found = []
    for folder, folders, names in os.walk(target):
        names += [name for name in folders if os.path.islink(os.path.join(folder, name))]
        at = folder[top:].replace(os.sep, "/")
        found += [path for name in names if (path := f"{at}/{name}" if at else name) not in written]
    return sorted(found)


def _written(file: Path) -> frozenset[str] | None:
    """What the manifest of an earlier build names, itself included; None where it is none of ours."""
    try:
        listed = None if file.is_symlink() else manifest.files_in(files.read_bytes(file, MAX_MANIFEST))
    except files.FileError:
        return None
    return None if listed is None else listed | {manifest.NAME}


def _refuse_led_away(target: Path, project: Path) -> None:
    """A folder of the project that is a link to elsewhere would take the output with it."""
    try:
        inside = files.is_below(target.parent, project)
    except OSError as error:
        raise _cannot(target, error) from error
    if not inside:
        raise _not_ours(target, "lies behind a symbolic link that leads out of the project")


def _not_ours(target: Path, what: str) -> TargetError:
    help_ = "give another directory with -o, or remove what is in this one"
    return TargetError(Diagnostic(codes.NOT_OURS, f"the output directory {os.path.relpath(target)} {what}", help=help_))


def _cannot(target: Path, error: OSError) -> TargetError:
    reason = error.strerror or str(error)
    return TargetError(Diagnostic(codes.CANNOT_WRITE, f"the output directory {os.path.relpath(target)} cannot be written: {reason}"))
