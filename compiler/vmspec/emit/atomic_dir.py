"""One directory in the place of another, whatever kills the process: a staging directory beside the target, and the swap.

Sources: renameat2(2), flock(2). Names begin with `.`, the target's name and `.vmspec-`, and are ours alone.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

AT_FDCWD = -100
RENAME_EXCHANGE = 2


class Staging:
    """A fresh directory beside `target`. It is locked while its process lives, so that the next build knows what is left over."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._prefix = f".{target.name}.vmspec-"
        self.path = self._numbered(0)
        self._begun = False
        self._lock: int | None = None

    def _numbered(self, number: int) -> Path:
        return self._target.with_name(f"{self._prefix}new-{os.getpid()}-{number}")

    def open(self) -> None:
        """Makes it. Wherever a signal interrupts this, `discard` finds what has been made: the path is known before it is there."""
        self._target.parent.mkdir(parents=True, exist_ok=True)
        self._recover()
        self._make()
        self._lock = _locked(self.path)

    def _make(self) -> None:
        number = 0
        while not self._begun:
            self.path = self._numbered(number)
            number += 1
            self._begun = not os.path.lexists(self.path)
            if self._begun:
                try:
                    self.path.mkdir()
                except FileExistsError:  # another process has our number
                    self._begun = False

    def _recover(self) -> None:
        """Put back what a killed build had moved aside, and remove what killed builds left."""
        with os.scandir(self._target.parent) as entries:
            left = sorted(e.path for e in entries if e.name.startswith(self._prefix) and e.is_dir(follow_symlinks=False))
        for path in left:
            lock = _locked(Path(path))
            if lock is None:
                continue
            try:
                if "vmspec-old-" in path and not os.path.lexists(self._target):
                    os.rename(path, self._target)
                else:
                    remove_tree(path)
            finally:
                os.close(lock)

    def commit(self) -> None:
        """From here on the target is the new directory."""
        if not os.path.lexists(self._target):
            os.rename(self.path, self._target)
        elif exchange(self.path, self._target):
            remove_tree(self.path)
        else:
            aside = self._target.with_name(f"{self._prefix}old-{os.getpid()}")
            os.rename(self._target, aside)
            os.rename(self.path, self._target)
            remove_tree(aside)

    def discard(self) -> None:
        """What is still staged is removed; after a commit there is nothing."""
        with suppress(OSError):
            if self._begun and self.path.exists():
                remove_tree(self.path)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _locked(path: Path) -> int | None:
    """A descriptor that holds the lock of a directory; None where another process has it."""
    if sys.platform == "win32":
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def exchange(a: Path, b: Path) -> bool:
    """Swap two names in one step; False where the kernel or the file system cannot."""
    if sys.platform != "linux":
        return False
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        return False
    done: int = libc.renameat2(AT_FDCWD, os.fsencode(a), AT_FDCWD, os.fsencode(b), RENAME_EXCHANGE)
    return done == 0


def remove_tree(path: str | Path) -> None:
    """A directory with all that is in it; links are removed, never followed."""
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    remove_tree(entry.path)
                else:
                    os.unlink(entry.path)
        os.rmdir(path)
    except PermissionError:
        # A directory without write permission: ours to change, if it is ours.
        mode = os.lstat(path).st_mode
        if mode & stat.S_IRWXU == stat.S_IRWXU:
            raise
        os.chmod(path, stat.S_IRWXU)
        remove_tree(path)


def ignores_case(folder: Path) -> bool:
    """Whether the file system takes `a` and `A` for one name."""
    probe = folder / ".case"
    probe.touch()
    try:
        return (folder / ".CASE").exists()
    finally:
        probe.unlink()
