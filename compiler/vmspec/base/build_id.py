"""Which compiler this is: what no release number tells apart while one works on it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

from vmspec.base import resources


@cache
def build_id() -> str:
    """A hash of the Python that runs, and of the name, size and time of every file of the package, its grammar and its profiles."""
    found = sha256(sys.version.encode())
    for folder in sorted({str(resources.PACKAGE), str(resources.grammar()), str(resources.stdlib())}):
        for line in sorted(_stamps(folder)):
            found.update(line.encode("utf-8", "surrogateescape"))
    return found.hexdigest()


def _stamps(folder: str | Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _stamps(entry.path)
            else:
                status = entry.stat()
                yield f"{entry.path} {status.st_size} {status.st_mtime_ns}\n"
