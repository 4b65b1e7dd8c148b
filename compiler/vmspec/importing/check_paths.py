"""Checks paths of both kinds, sources and libvirt's domain XML: everything that a build would find, and nothing is written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.record import record
from vmspec.base.source import Source
from vmspec.driver.build import Counter, validate
from vmspec.driver.compilation import BuildOptions, Compilation
from vmspec.driver.sources import SPEC, files_of
from vmspec.importing.built import others
from vmspec.model.target import Software

XML = ".xml"


@record(frozen=True)
class Checked:
    """The diagnostics of a check, and the compilation of its sources."""

    compilation: Compilation
    diagnostics: tuple[Diagnostic, ...]

    def name(self, source: Source) -> str:
        """The path of a source from the working directory; `std/…` for the standard library."""
        return source.path if source.path.endswith(XML) else self.compilation.name(source)


def check_paths(
    given: Sequence[str | Path], options: BuildOptions | None = None, schema_dirs: Sequence[Path] = (), counter: Counter | None = None
) -> Checked:
    """Check sources and domain XML. XML that a build has written is passed over, unless it is named."""
    paths = tuple(map(Path, given)) or (Path(),)
    files, wrong = files_of(paths, (SPEC, XML))
    domains = others([file for file in files if file.name.endswith(XML)], paths)
    specs = tuple(path for path in paths if any(_in(file, path) for file in files if not file.name.endswith(XML)))
    compilation = Compilation(specs or (Path("."),), options)
    found = [*wrong]
    if not wrong and specs:
        from vmspec.importing.raw_rules import judge

        found += compilation.diagnostics
        if not has_errors(found):
            found += validate(compilation, judge, schema_dirs, counter)
    if not wrong and domains:
        found += _domains(domains, paths, schema_dirs, compilation.target)
    return Checked(compilation, tuple(found))


def _domains(files: list[Path], named: Sequence[Path], schema_dirs: Sequence[Path], target: Software) -> list[Diagnostic]:
    from vmspec.importing.definitions import check_files
    from vmspec.validate.schemas import Schemas

    schemas, wrong = Schemas.load(tuple(schema_dirs), lambda _: target)
    return [*wrong, *check_files(files, schemas, named, target)]


def _in(file: Path, given: Path) -> bool:
    """Whether the file is the given path or lies below it."""
    return Path(os.path.abspath(file)).is_relative_to(os.path.abspath(given))
