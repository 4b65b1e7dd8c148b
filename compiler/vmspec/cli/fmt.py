"""`vmc fmt`: the one style."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.files import FileError, write_whole
from vmspec.base.record import record
from vmspec.base.source import Source
from vmspec.base.unspoken import covered, learn
from vmspec.cli.command import DIFFERENCES, FINE, Command, Exit, Option, PositionalArgument
from vmspec.cli.reporting import Reporting, report, say
from vmspec.driver.project import NO_SUCH_PATH
from vmspec.driver.sources import files_of
from vmspec.emit.output_dir_codes import CANNOT_WRITE
from vmspec.report.terminal import safe, safe_lines
from vmspec.resolve.loader import read_text
from vmspec.syntax.formatter import format as formatted
from vmspec.syntax.parser import parse


@record(frozen=True, kw_only=True)
class Fmt(Reporting):
    """Format sources; there is one style and no options. A file with a syntax error is not touched; `-` is standard input."""

    paths: Annotated[tuple[str, ...], PositionalArgument("Files, or directories of files.", default_help="this directory")] = ()
    check: Annotated[bool, Option(("--check",), "Change nothing; exit with 3 where a file would change.")] = False
    diff: Annotated[bool, Option(("--diff",), "Change nothing; print what would change, and exit with 3 where something would.")] = False


def run(options: Fmt) -> Exit:
    if options.paths == ("-",):
        return _stream(options)
    files, wrong = files_of(map(Path, options.paths or (".",)))
    found = [*wrong]
    changed = 0
    for file in files:
        said = list(_one(file, options))
        found += [d for d in said if d is not None]
        changed += said.count(None)
    code = report(found, options)
    return code or (DIFFERENCES if changed and (options.check or options.diff) else FINE)


def _one(file: Path, options: Fmt) -> Iterator[Diagnostic | None]:
    """Diagnostics, and None where the file changes."""
    read = read_text(file)
    if read.error:
        yield Diagnostic(NO_SUCH_PATH, f"{file} {read.error}")
        return
    parsed = parse(Source(file.as_posix(), read.text))
    yield from parsed.diagnostics
    if has_errors(parsed.diagnostics):
        return
    after = formatted(parsed)
    if after == _as_written(file):
        return
    yield None
    if options.diff:
        _print_difference(file, read.text, after, options)
    elif options.check:
        if options.output_format == "full":
            say(f"would reformat {safe(str(file))}\n", sys.stderr)
    else:
        yield from _replace(file, after)


def _as_written(file: Path) -> str:
    """With line ends and a byte order mark, which reading removes."""
    return file.read_bytes().decode("utf-8", "surrogateescape")


def _print_difference(file: Path, before: str, after: str, options: Fmt) -> None:
    import difflib

    learn(before)
    before, after = covered(before), covered(after)
    lines = difflib.unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), str(file), str(file))
    text = "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
    say(safe_lines(text), sys.stderr if options.machine else sys.stdout)


def _replace(file: Path, text: str) -> Iterator[Diagnostic]:
    """Whole or not at all, with the file's mode kept, and never through a link."""
    try:
        write_whole(file, text.encode("utf-8", "surrogateescape"))
    except FileError as error:
        yield Diagnostic(CANNOT_WRITE, f"{file} {error.reason}")


def _stream(options: Fmt) -> Exit:
    text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    parsed = parse(Source("<stdin>", text.removeprefix("\ufeff")))
    code = report(parsed.diagnostics, options)
    if not has_errors(parsed.diagnostics):
        after = formatted(parsed)
        if options.check:
            return DIFFERENCES if after != text else code
        sys.stdout.buffer.write(after.encode("utf-8", "surrogateescape"))
    return code


COMMAND = Command(Fmt, run)
