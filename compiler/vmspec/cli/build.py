"""`vmc build`: compile, check, write the output directory and the lock."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.files import FileError, read_bytes, write_whole
from vmspec.base.record import record
from vmspec.cli.command import FINE, Command, Exit, Option, PositionalArgument
from vmspec.cli.inputs import Inputs, compile_
from vmspec.cli.progress import Progress
from vmspec.cli.reporting import Reporting, report
from vmspec.driver.compilation import Compilation
from vmspec.driver.output import Output
from vmspec.emit.output_dir import OutputTree, TargetError

if TYPE_CHECKING:
    from vmspec.lower.lock import Lock


@record(frozen=True, kw_only=True)
class Build(Inputs, Reporting):
    """Compile, check against the schemas and write the artifacts.

    The output directory is replaced as a whole, and only if there are no errors; vmspec.lock beside the project file is updated.
    """

    paths: Annotated[tuple[str, ...], PositionalArgument("Files, or directories of files.", default_help="this directory")] = ()
    output: Annotated[str, Option(("--output", "-o"), "The output directory.", "DIR")] = "out"
    locked: Annotated[bool, Option(("--locked",), "Fail with 4 where the lock would change, and never write it.")] = False
    since: Annotated[str | None, Option(("--since",), "Write only what differs from the build of this git revision.", "REV")] = None
    schema_dir: Annotated[tuple[str, ...], Option(("--schema-dir",), "Schemas of a libvirt to check against; may be repeated.", "DIR")] = ()


def run(options: Build) -> Exit:
    compilation, wrong = compile_(options.paths, options, options.locked)
    found = [*wrong]
    if not wrong:
        found += compilation.diagnostics
    output = None
    if not has_errors(found):
        output, more = write(compilation, options)
        found += more
    code = report(found, options, compilation.name)
    if output is not None and code in (FINE, 1) and not options.machine and options.output_format == "full":
        from vmspec.cli.summary import summary

        summary(compilation, output, options.output)
    return code


def write(compilation: Compilation, options: Build) -> tuple[Output | None, list[Diagnostic]]:
    """The output directory and the lock, if nothing is found on the way; what was written, and the findings."""
    from vmspec.importing.raw_rules import judge
    from vmspec.validate.schemas import Schemas

    found: list[Diagnostic] = []
    output: Output | None = None
    schemas, wrong = Schemas.load(tuple(map(Path, options.schema_dir)))
    found += wrong
    if has_errors(found):
        return None, found
    skip, more = _unchanged_since(compilation, options)
    found += more
    try:
        if not has_errors(found):
            count = len(compilation.fleet.vms)
            with OutputTree(options.output, compilation.project.root) as tree, Progress("VMs", count, not options.machine) as progress:
                output = Output(compilation, tree, schemas, judge(schemas, compilation.trail_of), skip)
                for step in output.files():
                    progress.at(step)
                found += output.found
                if has_errors(found):
                    return None, found
                tree.commit(output.manifest)
                found += write_lock(compilation)
    except TargetError as error:
        return None, [*found, error.diagnostic]
    return output, found


def _unchanged_since(compilation: Compilation, options: Build) -> tuple[dict[str, str], tuple[Diagnostic, ...]]:
    """Path → hash of what the build of the revision would write."""
    if options.since is None:
        return {}, ()
    from vmspec.cli.revision import artifacts_of

    return artifacts_of(options.since, compilation)


def write_lock(compilation: Compilation, other: "Lock | None" = None) -> tuple[Diagnostic, ...]:
    """The build's lock or another one; only where it changes, and whole or not at all."""
    from vmspec.lower.lock import MAX_BYTES, Lock, write_lock

    if compilation.options.locked:
        return ()
    lock = compilation.lock if other is None else other
    file, text = compilation.project.lock, write_lock(lock)
    before: bytes | None
    try:
        before = read_bytes(file, MAX_BYTES)
    except FileError as error:
        before = None if error.missing else b""
    if before == text.encode() or (before is None and lock == Lock()):
        return ()
    try:
        write_whole(file, text.encode())
    except FileError as error:
        from vmspec.emit.output_dir_codes import CANNOT_WRITE

        return (Diagnostic(CANNOT_WRITE, f"{file.name} {error.reason}"),)
    return ()


COMMAND = Command(Build, run)
__all__ = ["COMMAND", "Build", "run", "write"]
