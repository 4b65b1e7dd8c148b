"""`vmc build`: compile, check, write the output directory and the lock."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.record import record
from vmspec.cli.command import FINE, Command, Exit, Option, PositionalArgument
from vmspec.cli.inputs import Inputs, compile_
from vmspec.cli.reporting import Reporting, report
from vmspec.cli.summary import Summary, show, summary
from vmspec.driver import stored

if TYPE_CHECKING:
    from vmspec.driver.compilation import Compilation
    from vmspec.driver.output import Output


@record(frozen=True, kw_only=True)
class Build(Inputs, Reporting):
    """Compile, check against the schemas and write the artifacts.

    The output directory is replaced as a whole, and only if there are no errors; vmspec.lock beside the project file is updated.
    Where nothing has changed since the last build that had nothing to say, nothing is written.
    """

    paths: Annotated[tuple[str, ...], PositionalArgument("Files, or directories of files.", default_help="this directory")] = ()
    output: Annotated[str, Option(("--output", "-o"), "The output directory.", "DIR")] = "out"
    locked: Annotated[bool, Option(("--locked",), "Fail with 4 where the lock would change, and never write it.")] = False
    since: Annotated[str | None, Option(("--since",), "Write only what differs from the build of this git revision.", "REV")] = None
    schema_dir: Annotated[tuple[str, ...], Option(("--schema-dir",), "Schemas of a libvirt to check against; may be repeated.", "DIR")] = ()
    no_cache: Annotated[bool, Option(("--no-cache",), "Build even where nothing has changed, and remember nothing of it.")] = False


def run(options: Build) -> Exit:
    call = None if options.no_cache or options.since is not None else _call(options)
    said = None if call is None else stored.unchanged(call)
    if said is not None:
        code = report((), options)
        _show(Summary(**said), options, code)  # type: ignore[arg-type]
        return code
    compilation, wrong = compile_(options.paths, options, options.locked)
    found = [*wrong]
    if not wrong:
        found += compilation.diagnostics
    output = None
    if not has_errors(found):
        output, more = write(compilation, options)
        found += more
    code = report(found, options, compilation.name)
    if output is not None:
        sums = summary(compilation, output)
        _show(sums, options, code)
        if call is not None and not found and output.manifest.params == dict(compilation.options.params):
            stored.keep(call, compilation, output.manifest.files, output.manifest.sources, vars(sums))
    return code


def _call(options: Build) -> stored.Call:
    asked = (options.env or "", options.target, str(options.locked), *options.param)
    return stored.call(options.paths or (".",), options.output, asked, tuple(map(Path, options.schema_dir)))


def _show(sums: Summary, options: Build, code: Exit) -> None:
    if code in (FINE, 1) and not options.machine and options.output_format == "full":
        show(sums, options.output)


def write(compilation: "Compilation", options: Build) -> "tuple[Output | None, list[Diagnostic]]":
    """Write the output directory and the lock; the output is None where something is wrong on the way."""
    from vmspec.cli.progress import Progress
    from vmspec.driver import build
    from vmspec.importing.raw_rules import judge

    skip, wrong = _unchanged_since(compilation, options)
    if has_errors(wrong):
        return None, [*wrong]
    with Progress("VMs", 0, not options.machine) as progress:
        output, found = build.write(compilation, options.output, judge, tuple(map(Path, options.schema_dir)), skip, progress)
    return output, [*wrong, *found]


def _unchanged_since(compilation: "Compilation", options: Build) -> tuple[dict[str, str], tuple[Diagnostic, ...]]:
    """Path → hash of what the build of the revision would write."""
    if options.since is None:
        return {}, ()
    from vmspec.cli.revision import artifacts_of

    return artifacts_of(options.since, compilation)


COMMAND = Command(Build, run)
__all__ = ["COMMAND", "Build", "run", "write"]
