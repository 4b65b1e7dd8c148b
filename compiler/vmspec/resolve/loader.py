"""Reads source files: the one place where `.vmspec` text comes in from the file system."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from vmspec.base.source import Source
from vmspec.syntax.parser import parse
from vmspec.syntax.tree import File

MAX_BYTES = 64 << 20
"""A larger file is no specification, and its tree would not fit in a small runner's memory."""


class Loader:
    """Parsed files by their real path, each read once. `overlay` holds texts that an editor has not saved yet.

    Paths in diagnostics are relative to `base` (the working directory), with `/` as separator.
    """

    def __init__(self, base: Path, overlay: Mapping[Path, str] | None = None) -> None:
        self._base = base
        self._overlay = {p.resolve(): text for p, text in (overlay or {}).items()}
        self._files: dict[str, File] = {}

    def file(self, path: Path) -> File | str:
        """The parsed file, or why it cannot be read (`does not exist`)."""
        try:
            real = path.resolve(strict=True) if not self._overlay else path.resolve()
        except FileNotFoundError:
            return "does not exist"
        except (OSError, RuntimeError, ValueError) as error:
            return _reason(error)
        known = self._files.get(str(real))
        if known is not None:
            return known
        text = self._overlay.get(real)
        if text is None:
            read = read_text(real)
            if read.error:
                return read.error
            text = read.text
        file = parse(Source(self.shown(path), text))
        self._files[str(real)] = file
        return file

    def key(self, path: Path) -> str:
        """What two spellings of one file have in common."""
        try:
            return str(path.resolve())
        except (OSError, RuntimeError, ValueError):
            return str(path)

    def shown(self, path: Path) -> str:
        """The path as people see it."""
        try:
            relative = os.path.relpath(path, self._base)
        except ValueError:
            relative = str(path)
        return Path(relative).as_posix()


class Read:
    """The text of a file, or the reason why there is none."""

    def __init__(self, text: str = "", error: str = "") -> None:
        self.text = text
        self.error = error


def read_text(path: Path) -> Read:
    try:
        if not path.is_file():
            return Read(error="is a directory" if path.is_dir() else "does not exist" if not path.exists() else "is not a regular file")
        if path.stat().st_size > MAX_BYTES:
            return Read(error=f"is larger than {MAX_BYTES >> 20} MiB")
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        return Read(error=_reason(error))
    if b"\0" in data:
        return Read(error="is a binary file (it has a NUL byte)")
    try:
        return Read(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return Read(error=f"is not UTF-8 (byte {error.start})")


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror.lower()}"
    return "cannot be read: its links form a loop" if isinstance(error, RuntimeError) else f"cannot be read: {error}"
