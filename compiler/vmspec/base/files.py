"""Reads and writes files of an untrusted checkout: reading accepts regular files up to a size, and writing never follows a symbolic link.

Sources: open(2) for O_NOFOLLOW and O_NONBLOCK, rename(2).
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_SPECIAL = ("/dev/", "/proc/")
"""Where links stand for open files of the process: `/dev/stdout`, the `/dev/fd/63` of a shell's `>(…)`."""


class FileError(Exception):
    """A file cannot be used. `reason` continues a sentence that begins with the file's name: `is a directory`, `cannot be read:
    permission denied`."""

    def __init__(self, reason: str, missing: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.missing = missing
        """Whether nothing is there at all, not even a link."""


def read_bytes(path: str | Path, most: int, below: str | Path | None = None) -> bytes:
    """Read a regular file of at most `most` bytes. With `below`, the file must lie in this folder after all symbolic links are resolved.

    `/dev/stdin` and its like, which only a person names, may be pipes. Raises FileError.
    """
    try:
        if below is not None and not is_below(path, below):
            raise FileError(f"lies outside of the project, {_relative(below)}")
        if is_special(path):
            with open(path, "rb") as file:
                return _bounded(file, most)
        descriptor = os.open(path, _READ)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    try:
        return _regular(descriptor, most)
    except OSError as error:
        raise _unreadable(path, error) from error
    finally:
        os.close(descriptor)


def _regular(descriptor: int, most: int) -> bytes:
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        raise FileError("is a directory" if stat.S_ISDIR(found.st_mode) else "is not a regular file")
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        return _bounded(file, most)


def _bounded(file: BinaryIO, most: int) -> bytes:
    data = file.read(most + 1)
    if len(data) > most:
        raise FileError(f"is larger than {most >> 20} MiB")
    return data


def is_special(path: str | Path) -> bool:
    """Whether the path names an open file of the process, as `/dev/stdin` does, or a device."""
    return os.fspath(path).startswith(_SPECIAL)


def is_below(path: str | Path, folder: str | Path) -> bool:
    """Whether a path lies in a folder, or is the folder, after all symbolic links of both are resolved.

    Raises OSError, and ValueError for a path that no system can hold.
    """
    root = os.path.realpath(folder)
    real = os.path.realpath(path)
    return real == root or real.startswith(root if root.endswith(os.sep) else root + os.sep)


def write_whole(path: str | Path, data: bytes, mode: int | None = None) -> None:
    """Write a file atomically: to a temporary file in the same folder, which then replaces the old one.

    A link is refused, so that nobody else's file is written. `mode` is by default that of the file before, else what the umask leaves.
    Raises FileError.
    """
    name = os.fspath(path)
    try:
        before = _lstat(name)
        if before is not None and stat.S_ISLNK(before.st_mode) and not is_special(name):
            raise FileError("is a symbolic link, and nothing is written through one")
        if before is not None and not stat.S_ISREG(before.st_mode):
            Path(name).write_bytes(data)
            return
        _replace(name, data, stat.S_IMODE(before.st_mode) if mode is None and before is not None else mode)
    except (OSError, ValueError) as error:
        raise FileError(f"cannot be written: {words(error)}") from error


def _replace(name: str, data: bytes, mode: int | None) -> None:
    folder, base = os.path.split(name)
    import secrets  # a tenth of the imports of a build that changes nothing

    scratch = os.path.join(folder, f".{base[:200]}.{secrets.token_hex(8)}.new")
    descriptor = os.open(scratch, _NEW, 0o666 if mode is None else mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if mode is not None and hasattr(os, "fchmod"):
                os.fchmod(descriptor, mode)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        os.replace(scratch, name)
    except BaseException:
        with suppress(OSError):
            os.unlink(scratch)
        raise


def _lstat(name: str) -> os.stat_result | None:
    try:
        return os.lstat(name)
    except FileNotFoundError:
        return None


def words(error: Exception) -> str:
    """The operating system's message for an error."""
    return ((error.strerror if isinstance(error, OSError) else None) or str(error)).lower()


def _unreadable(path: str | Path, error: Exception) -> FileError:
    if isinstance(error, FileNotFoundError):
        link = os.path.islink(path)
        return FileError("is a symbolic link that leads nowhere" if link else "does not exist", missing=not link)
    return FileError(f"cannot be read: {words(error)}")


def _relative(folder: str | Path) -> str:
    """The folder's path relative to the working directory."""
    try:
        return os.path.relpath(folder)
    except ValueError:
        return os.fspath(folder)
