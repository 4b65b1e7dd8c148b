"""What settings of the running system were before our files changed them: kept beside the manifest, so that undoing is exact.

A sysctl or a switch below /sys has no file of its own that could come back; only its value can. Where the root is an image, and not a
running system, there is nothing to read.
"""

from __future__ import annotations

import glob
import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from vmspec.plan.elsewhere import path_of_sysctl
from vmspec.plan.files import KnownFile, WantedFile

SYSCTLS = "/etc/sysctl.d/90-vmspec.conf"
SWITCHES = "/etc/tmpfiles.d/vmspec.conf"
LONGEST = 4096
"""Bytes of a value."""


def set_live(files: Iterable[WantedFile | KnownFile]) -> list[str]:
    """The paths below /proc/sys and /sys that the files set; those below /sys may be patterns."""
    found: list[str] = []
    for file in files:
        names = file.settings if isinstance(file, KnownFile) else [each.name for each in file.settings]
        if file.path == SYSCTLS:
            found += [f"/proc/sys/{path_of_sysctl(name.removeprefix('sysctl.'))}" for name in names]
        elif file.path == SWITCHES:
            found += [name.removeprefix("sysfs.") for name in names]
    return found


def read_live(root: str, patterns: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """What is set now, but for what is known from before us."""
    found = dict(known)
    for pattern in patterns:
        for path in sorted(glob.glob(root.rstrip("/") + pattern)) if "*" in pattern else [root.rstrip("/") + pattern]:  # noqa: PTH207
            own = path.removeprefix(root.rstrip("/"))
            value = None if own in found else _value(path)
            if value is not None:
                found[own] = value
    return found


def _value(path: str) -> str | None:
    """Of a choice, as in `always [madvise] never`, the word that is chosen."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            text = file.read(LONGEST).decode("ascii").strip()
    except (OSError, ValueError):
        return None
    chosen = re.search(r"\[([^\[\]]+)\]", text)
    value = chosen[1] if chosen else text
    return value if value and "\n" not in value else None


def restored(was: Mapping[str, str], patterns: Iterable[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Commands that bring back what no pattern sets any more, each with its paths: one for all paths of a value."""
    wanted = list(patterns)
    by_value: dict[str, list[str]] = {}
    for path, value in was.items():
        if not any(path == each or fnmatchcase(path, each) for each in wanted):
            by_value.setdefault(value, []).append(path)
    for value, paths in by_value.items():
        yield tuple(paths), f"echo {shlex.quote(value)} | tee {' '.join(map(shlex.quote, paths))} >/dev/null"
