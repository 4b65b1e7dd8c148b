"""Suppress follow-on errors: drop diagnostics caused only by declarations in files that failed to parse."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping

from vmspec.base.diagnostic import Diagnostics, Severity
from vmspec.base.source import Source
from vmspec.resolve import codes
from vmspec.resolve.program import Program
from vmspec.syntax import tree

MISSING = frozenset((codes.UNKNOWN_REFERENCE.number, codes.UNKNOWN_ENV.number))
"""Diagnostics that a missing declaration causes in files that do not import it."""
UNREAD = frozenset((codes.IMPORT_NOT_FOUND.number, codes.IMPORT_CYCLE.number))


def untouched(program: Program, broken: Iterable[Source], before: Diagnostics, found: Diagnostics) -> Diagnostics:
    """Keep the diagnostics in files that neither are broken nor import a broken file, directly or not, and that are not about a missing
    name."""
    unread = [d.primary.source for d in before if d.code.number in UNREAD and d.severity is Severity.ERROR and d.primary is not None]
    tainted = _importers(program, {source.path for source in (*broken, *unread)})
    return tuple(d for d in found if d.code.number not in MISSING and (d.primary is None or d.primary.source.path not in tainted))


def _importers(program: Program, paths: set[str]) -> set[str]:
    """The paths, and those of all files that import one of them."""
    imports: Mapping[str, set[str]] = {unit.source.path: set(_imported(unit.source.path, unit.file)) for unit in program.units}
    grown = True
    while grown:
        more = {path for path, wanted in imports.items() if wanted & paths} - paths
        paths = paths | more
        grown = bool(more)
    return paths


def _imported(path: str, file: tree.File) -> Iterable[str]:
    for statement in file.statements:
        if isinstance(statement, tree.Import) and statement.path.constant:
            yield posixpath.normpath(posixpath.join(posixpath.dirname(path), statement.path.constant))
