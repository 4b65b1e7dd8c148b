"""Finds the files to compile or check below the paths that the user gave."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.files import is_below, is_special
from vmspec.driver.project import NO_SUCH_PATH, root_of

SPEC = ".vmspec"


def files_of(paths: Iterable[Path], suffixes: tuple[str, ...] = (SPEC,)) -> tuple[tuple[Path, ...], tuple[Diagnostic, ...]]:
    """All files with one of the suffixes below each directory, and each file that is named itself; each once, sorted by path."""
    found: dict[str, Path] = {}
    wrong: list[Diagnostic] = []
    for path in paths:
        try:
            below = list(_below(path, suffixes)) if path.is_dir() else [path]
            missing = not path.is_dir() and not path.exists()
        except (OSError, ValueError) as error:
            wrong.append(Diagnostic(NO_SUCH_PATH, f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"))
            continue
        if missing:
            what = "is a symbolic link that leads nowhere" if path.is_symlink() else "does not exist"
            wrong.append(Diagnostic(NO_SUCH_PATH, f"{path} {what}"))
        elif not below:
            kinds = " or ".join(suffixes)
            wrong.append(Diagnostic(NO_SUCH_PATH, f"there is no {kinds} file below {path}", help="`vmc init` writes a first one"))
        else:
            out = [file for file in below if os.path.islink(file) and leads_out(file, path)]
            wrong += [Diagnostic(NO_SUCH_PATH, f"{file} {_LEADS_OUT}", help=_NAME_IT) for file in out]
            found.update((os.path.abspath(file), file) for file in below if file not in out)
    return tuple(found[key] for key in sorted(found)), tuple(wrong)


_LEADS_OUT = "is a symbolic link that leads out of the project, and is not read"
_NAME_IT = "name the file that it leads to, or put a vmspec.toml into a folder that holds both"


def leads_out(file: Path, given: Path) -> bool:
    """Whether a symbolic link leads out of its project: a checkout must not expose files of the machine that compiles it."""
    try:
        return not is_special(file) and os.path.lexists(os.path.realpath(file)) and not is_below(file, root_of(given))
    except (OSError, ValueError):
        return False


def _below(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    """Files below a folder. Links to directories are not followed, hidden directories are skipped."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(root, name) for name in sorted(names) if name.endswith(suffixes))
