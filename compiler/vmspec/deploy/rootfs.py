"""Files below a root, by way of directory descriptors: no link is followed anywhere on the way, and a file is replaced whole.

Sources: openat(2) with O_NOFOLLOW, renameat(2), fsync(2).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from vmspec.deploy import codes
from vmspec.deploy.binding import HostError
from vmspec.deploy.failpoints import act

DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
SCRATCH = ".vmspec-new"


class Root:
    """A tree of a host; `/` for this one. Paths are absolute within it."""

    def __init__(self, path: str) -> None:
        self.path = path

    def read(self, path: str) -> bytes | None:
        """None where nothing lies; HostError where something else than a file does."""
        found = self._read(path)
        return None if found is None else found[0]

    def names(self, folder: str) -> list[str]:
        """What lies in a folder, by name; nothing where there is none, or a link in its place."""
        try:
            with self._folder(f"{folder}/.", make=False) as (held, _):
                return sorted(os.listdir(held))  # noqa: PTH208
        except OSError:
            return []

    def copy(self, path: str, to: str) -> bool:
        """With its mode and owner, so that nobody reads who could not before; whether there was something to copy."""
        found = self._read(path)
        if found is None:
            return False
        data, status = found
        self.write(to, data, stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid))
        return True

    def _read(self, path: str) -> tuple[bytes, os.stat_result] | None:
        try:
            with self._folder(path, make=False) as (folder, name):
                descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, dir_fd=folder)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failed(path, error) from None
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise HostError(codes.FILES_FAILED, f"{self._shown(path)} is not a file")
            return file.read(), status

    def write(self, path: str, data: bytes, mode: int = 0o644, owner: tuple[int, int] | None = None) -> None:
        """Whole or not at all; folders on the way are made. `owner`: of a user and a group; none is us."""
        try:
            with self._folder(path, make=True) as (folder, name):
                scratch = f".{name}{SCRATCH}"
                with act(f"write {path}"):
                    with suppress(FileNotFoundError):
                        os.unlink(scratch, dir_fd=folder)
                    self._new(folder, scratch, data, mode, owner)
                with act(f"rename {path}"):
                    os.rename(scratch, name, src_dir_fd=folder, dst_dir_fd=folder)
                    os.fsync(folder)
        except OSError as error:
            raise self._failed(path, error) from None

    @staticmethod
    def _new(folder: int, name: str, data: bytes, mode: int, owner: tuple[int, int] | None) -> None:
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode & 0o600, dir_fd=folder)
        with os.fdopen(descriptor, "wb") as file:
            if owner is not None and owner != (os.geteuid(), os.getegid()):
                os.fchown(descriptor, *owner)
            os.fchmod(descriptor, mode)
            file.write(data)
            file.flush()
            os.fsync(descriptor)

    def remove(self, path: str) -> None:
        """Whether or not it is there."""
        try:
            with self._folder(path, make=False) as (folder, name), act(f"remove {path}"):
                os.unlink(name, dir_fd=folder)
                os.fsync(folder)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._failed(path, error) from None

    def remove_folder(self, path: str) -> bool:
        """If it is empty."""
        try:
            with self._folder(path, make=False) as (folder, name), act(f"rmdir {path}"):
                os.rmdir(name, dir_fd=folder)
        except OSError:
            return False
        return True

    @contextmanager
    def _folder(self, path: str, make: bool) -> Iterator[tuple[int, str]]:
        """The descriptor of the folder that a path lies in, and its last name."""
        *steps, name = path.strip("/").split("/")
        if ".." in steps or "" in steps or name in ("", ".."):
            raise HostError(codes.FILES_FAILED, f"{path!r} is no path below {self.path}")
        held = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for step in steps:
                if make:
                    with suppress(FileExistsError), act(f"mkdir {step}"):
                        os.mkdir(step, 0o755, dir_fd=held)
                inner = os.open(step, DIRECTORY, dir_fd=held)
                os.close(held)
                held = inner
            yield held, name
        finally:
            os.close(held)

    def _failed(self, path: str, error: OSError) -> HostError:
        # ELOOP and ENOTDIR: a link where a folder or a file must be.
        return HostError(codes.FILES_FAILED, f"{self._shown(path)}: {error.strerror or error}", "links below the root are not followed")

    def _shown(self, path: str) -> str:
        return os.path.join(self.path, path.lstrip("/"))  # noqa: PTH118
