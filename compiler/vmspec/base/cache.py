"""The user's cache directory: what a checkout makes once and keeps, read only where nobody else can have written it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from vmspec.base import resources


def cache_folder() -> Path:
    """Each checkout has one of its own: two of them in turn would else find what the other one has made, and make it again."""
    return _user_cache() / str(resources.PACKAGE).strip("/").replace(os.sep, "-")


def _user_cache() -> Path:
    if sys.platform == "linux":  # what platformdirs says there, without the 10 ms that its import takes
        base = os.environ.get("XDG_CACHE_HOME", "")
        return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "vmspec"
    from platformdirs import user_cache_path

    return user_cache_path("vmspec")


def read_own(file: Path) -> dict[str, Any] | None:
    """The JSON of a file that only this user can have written; None for any other."""
    try:
        with open(file, "rb", opener=_no_follow) as stream:
            status = os.fstat(stream.fileno())
            if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
                return None
            data = json.loads(stream.read())
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def _no_follow(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0))


def write_own(file: Path, text: str) -> None:
    """Atomically and with mode 0600; without a cache (a read-only home) what is kept there is made in every run."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        scratch = file.with_name(f"{file.name}.{os.getpid()}")
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        scratch.replace(file)
    except OSError:
        return
