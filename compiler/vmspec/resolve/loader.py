"""Reads and parses source files; the only module that reads `.vmspec` text from the file system."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from vmspec.base import files
from vmspec.base.source import Source
from vmspec.base.unspoken import learn
from vmspec.syntax import tree
from vmspec.syntax.parser import parse

MAX_BYTES = 64 << 20
"""The largest file that is read; the tree of a larger one would not fit in a small runner's memory."""


class Loader:
    """Parsed files by their real path, each read once. `overlay` holds texts that an editor has not saved yet.

    `root` is that of the project: paths in diagnostics are relative to it, with `/` as separator, and nothing outside of it is read,
    whatever links lead there.
    """

    def __init__(self, root: Path, overlay: Mapping[Path, str] | None = None) -> None:
        self.root = root
        self._overlay = {p.resolve(): text for p, text in (overlay or {}).items()}
        self._files: dict[str, tree.File] = {}

    def file(self, path: Path) -> tree.File | str:
        """The parsed file, or why it cannot be read (`does not exist`)."""
        try:
            real = path.resolve()
        except (OSError, RuntimeError, ValueError) as error:
            return f"cannot be read: {'its links form a loop' if isinstance(error, RuntimeError) else files.words(error)}"
        known = self._files.get(str(real))
        if known is not None:
            return known
        text = self._overlay.get(real)
        if text is None:
            read = read_text(real, below=self.root)
            if read.error:
                return read.error
            text = read.text
        learn(text)
        file = parse(Source(self.shown(path), text))
        self._files[str(real)] = file
        return file

    def key(self, path: Path) -> str:
        """A key that is equal for two spellings of one file's path."""
        try:
            return str(path.resolve())
        except (OSError, RuntimeError, ValueError):
            return str(path)

    def shown(self, path: Path) -> str:
        """The path as messages show it."""
        try:
            relative = os.path.relpath(path, self.root)
        except ValueError:
            relative = str(path)
        return Path(relative).as_posix()


class LoadedFile:
    """The text of a file, or the reason why there is none."""

    def __init__(self, text: str = "", error: str = "") -> None:
        self.text = text
        self.error = error


def read_text(path: Path, below: Path | None = None) -> LoadedFile:
    """Read a source; with `below`, only if it lies in this folder."""
    try:
        data = files.read_bytes(path, MAX_BYTES, below)
    except files.FileError as error:
        return LoadedFile(error=error.reason)
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        return LoadedFile(error=f"has a NUL byte in line {line}, and a source is a text without any")
    try:
        return LoadedFile(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return LoadedFile(error=f"is not UTF-8 (byte {error.start})")
