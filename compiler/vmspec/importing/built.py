"""Finds the XML below a directory that a build has written: its sources are checked, and each mistake would be reported twice."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from vmspec.base.files import FileError, read_bytes
from vmspec.emit.manifest import NAME, files_in
from vmspec.importing.definitions import MAX_BYTES
from vmspec.model.place import NAMESPACES

MARK = NAMESPACES["vmspec"].encode()


def others(files: Iterable[Path], given: Iterable[Path]) -> list[Path]:
    """The files without those that a build has made, unless one was named, or the output directory itself."""
    named = [path.absolute() for path in given]
    return [file for file in files if file.absolute() in named or not (_in_output(file.absolute(), named) or _is_ours(file))]


def _in_output(file: Path, named: list[Path]) -> bool:
    """Whether it lies in an output directory below a path that was given."""
    for folder in file.parents:
        if folder in named:
            return False
        if _has_manifest(folder):
            return True
    return False


@cache
def _has_manifest(folder: Path) -> bool:
    if not (folder / NAME).is_file():
        return False
    try:
        return files_in(read_bytes(folder / NAME, MAX_BYTES)) is not None
    except FileError:
        return False


def _is_ours(file: Path) -> bool:
    """Whether our metadata is in it: `virsh dumpxml` of a guest that was deployed."""
    try:
        return MARK in read_bytes(file, MAX_BYTES)
    except FileError:
        return False
