"""`vmc build`: compile, check, write the output directory and the lock."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.record import record
from vmspec.cli.command import FINE, Argument, Command, Exit, Option
from vmspec.cli.inputs import Inputs, compile_
from vmspec.cli.progress import Progress
from vmspec.cli.reporting import Reporting, report
from vmspec.compilation import Compilation
from vmspec.emit.tree import TargetError, Tree
from vmspec.output import Output


@record(frozen=True, kw_only=True)
class Build(Inputs, Reporting):
    """Compile, check against the schemas and write the artifacts.

    The output directory is replaced as a whole, and only if there are no errors; vmspec.lock beside the project file is updated.
    """

    paths: Annotated[tuple[str, ...], Argument("Files, or directories of files.", default_help="this directory")] = ()
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
            with Tree(options.output) as tree, Progress("VMs", len(compilation.fleet.vms), not options.machine) as progress:
                output = Output(compilation, tree, schemas, skip)
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


def write_lock(compilation: Compilation) -> tuple[Diagnostic, ...]:
    """Only where it changes, and whole or not at all."""
    from vmspec.build.lock import Lock, write_lock

    if compilation.options.locked:
        return ()
    file, text = compilation.project.lock, write_lock(compilation.lock)
    try:
        if compilation.lock == Lock() and not file.exists():
            return ()
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            scratch = file.with_name(f".{file.name}.{os.getpid()}.new")
            with suppress(FileNotFoundError):
                scratch.unlink()
            with scratch.open("w", encoding="utf-8", newline="\n") as held:
                held.write(text)
                held.flush()
                os.fsync(held.fileno())
            scratch.replace(file)
    except OSError as error:
        from vmspec.emit.tree_codes import CANNOT_WRITE

        return (Diagnostic(CANNOT_WRITE, f"{file.name} cannot be written: {error.strerror or error}"),)
    return ()


COMMAND = Command(Build, run)
__all__ = ["COMMAND", "Build", "run", "write"]
