"""The public Python API: sources are checked and compiled by functions, and what comes out is values. docs/api.md describes it.

`vmspec` itself offers the public names; everything else is private.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from vmspec.base.diagnostic import Diagnostic, Severity, has_errors, in_source_order
from vmspec.base.provenance import SELF, Provenance, ValueAddress
from vmspec.base.record import replace
from vmspec.base.source import Span
from vmspec.driver.compilation import BuildOptions, Compilation
from vmspec.report import render
from vmspec.report.location import Location, SourceNames, locate

if TYPE_CHECKING:
    from vmspec.driver.address import AddressedValue
    from vmspec.emit.artifact import Artifact
    from vmspec.evaluate.evaluated import TestResult
    from vmspec.lower.fleet import Fleet

StrPath: TypeAlias = "str | os.PathLike[str]"
Paths: TypeAlias = "StrPath | Sequence[StrPath]"
"""One path, or several: sources, or directories of them."""


class CompileError(Exception):
    """Products of a compilation with errors were asked for; `diagnostics` are those of the compilation."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        errors = [each for each in diagnostics if each.severity is Severity.ERROR]
        more = f" (and {len(errors) - 1:,} more)" if len(errors) > 1 else ""
        super().__init__(f"{errors[0].code} {errors[0].message}{more}")
        self.diagnostics = diagnostics


class AddressError(LookupError):
    """An address names no object of the fleet, or no value that the object has; `diagnostic` suggests what was meant."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(f"{diagnostic.message}{f': {diagnostic.help}' if diagnostic.help else ''}")
        self.diagnostic = diagnostic


class CheckResult:
    """The diagnostics of a check, in source order."""

    diagnostics: tuple[Diagnostic, ...]

    def __init__(self, diagnostics: Sequence[Diagnostic], names: SourceNames) -> None:
        self.diagnostics = in_source_order(diagnostics)
        self._names = names

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.errors)} errors, {len(self.warnings)} warnings)"

    @property
    def ok(self) -> bool:
        """Whether there are no errors; there may be warnings."""
        return not has_errors(self.diagnostics)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(each for each in self.diagnostics if each.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        return tuple(each for each in self.diagnostics if each.severity is Severity.WARNING)

    def locate(self, span: Span) -> Location:
        """The file, line and column of a span; the file's path is relative to the working directory."""
        return locate(span, self._names)

    def render(self, form: str = "full", *, colour: bool = False) -> str:
        """The diagnostics as text in one of the formats of `--output-format`: full, concise, json, sarif, junit, github."""
        return render(form, self.diagnostics, self._names, colour=colour)


class WriteResult(CheckResult):
    """The diagnostics of validation and writing, and the files of the output directory if there are no errors."""

    files: tuple[str, ...]

    def __init__(self, diagnostics: Sequence[Diagnostic], names: SourceNames, files: Sequence[str]) -> None:
        super().__init__(diagnostics, names)
        self.files = tuple(files)


class CompileResult(CheckResult):
    """The diagnostics of a compilation and, if there are no errors, its products: fleet, artifacts, provenance.

    Every property and method for a product raises CompileError if there are errors.
    """

    def __init__(self, compilation: Compilation) -> None:
        super().__init__(compilation.diagnostics, compilation.name)
        self._compilation = compilation

    @property
    def root(self) -> Path:
        """The folder of the project, in which `vmspec.toml` and `vmspec.lock` are."""
        return self._compilation.project.root

    @property
    def fleet(self) -> Fleet:
        """The typed objects, with everything that the compiler has derived."""
        return self._whole().fleet

    def artifacts(self) -> Iterator[Artifact]:
        """Emit the files of the output directory one at a time, without its manifest and source map; nothing is written or validated."""
        return self._whole().artifacts()

    def why(self, address: str) -> tuple[AddressedValue, ...]:
        """The values that an address names, each with its provenance. Raises AddressError if it names none."""
        from vmspec.driver.address import resolve

        named, wrong = resolve(self._whole().fleet, address)
        if wrong is not None:
            raise AddressError(wrong)
        return tuple(replace(each, trail=_with_full_operands(each.trail, each.object.name)) for each in named)

    def run_tests(self) -> tuple[TestResult, ...]:
        """Run the `test` blocks of the sources."""
        return tuple(self._whole().tests)

    def validate(self, *, schema_dirs: Sequence[StrPath] = ()) -> CheckResult:
        """Validate the domains against our schema and libvirt's; nothing is written."""
        from vmspec.driver import build
        from vmspec.importing.raw_rules import judge

        return CheckResult(build.validate(self._whole(), judge, _paths(schema_dirs)), self._names)

    def write(self, out_dir: StrPath, *, schema_dirs: Sequence[StrPath] = ()) -> WriteResult:
        """Validate, replace the output directory as a whole, and update `vmspec.lock`, as `vmc build` does."""
        from vmspec.driver import build
        from vmspec.importing.raw_rules import judge

        output, found = build.write(self._whole(), Path(out_dir), judge, _paths(schema_dirs))
        return WriteResult(found, self._names, () if output is None else sorted(output.manifest.files))

    def _whole(self) -> Compilation:
        if not self.ok:
            raise CompileError(self.diagnostics)
        return self._compilation


def compile(  # the name of the verb in the language's community, as in `re.compile`
    paths: Paths, *, env: str | None = None, params: Mapping[str, str | int | bool] | None = None, locked: bool = False
) -> CompileResult:
    """Compile sources, for an environment and with parameters; nothing is printed or written.

    With `locked`, a lock that would change is an error (8901), and `write` leaves it alone.
    """
    return CompileResult(Compilation(_paths(paths), _options(env, params, locked)))


def check(
    paths: Paths,
    *,
    env: str | None = None,
    params: Mapping[str, str | int | bool] | None = None,
    locked: bool = False,
    schema_dirs: Sequence[StrPath] = (),
) -> CheckResult:
    """Check sources and libvirt's domain XML, validation against the schemas included, as `vmc check` does."""
    from vmspec.importing.check_paths import check_paths

    checked = check_paths(_paths(paths), _options(env, params, locked), _paths(schema_dirs))
    return CheckResult(checked.diagnostics, checked.name)


def _paths(given: Paths) -> tuple[Path, ...]:
    return (Path(given),) if isinstance(given, str | os.PathLike) else tuple(map(Path, given))


def _options(env: str | None, params: Mapping[str, str | int | bool] | None, locked: bool) -> BuildOptions:
    return BuildOptions(env, {name.removeprefix("$"): _text(name, value) for name, value in (params or {}).items()}, locked)


def _text(name: str, value: object) -> str:
    """The text that `--param` would give."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int():
            return str(value)
        case _:
            raise TypeError(f"the parameter {name} is a {type(value).__name__}; give a str, int or bool")


def _with_full_operands(trail: Provenance, of: str) -> Provenance:
    """Objects of one template share steps whose operands call the object `self`; its name is put there."""
    return tuple(
        replace(step, operands=tuple(ValueAddress(of, each.path) if each.object == SELF else each for each in step.operands))
        for step in trail
    )
