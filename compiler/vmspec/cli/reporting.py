"""How findings reach their reader: the options that choose the form, where it goes, and the exit code that follows from them."""

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, TextIO

from vmspec.base.code import Fault
from vmspec.base.diagnostic import Diagnostic, Severity, in_source_order
from vmspec.base.files import FileError, write_whole
from vmspec.base.record import record
from vmspec.cli.command import ERRORS, FINE, INTEGRITY, USAGE, Exit, Option
from vmspec.report import FORMATS, MACHINE_FORMATS, render
from vmspec.report.location import SourceNames, own_path


@record(frozen=True, kw_only=True)
class Reporting:
    """The options of every command that reports diagnostics."""

    output_format: Annotated[str, Option(("--output-format",), "How diagnostics are written.", "FORMAT", FORMATS)] = "full"
    output_file: Annotated[str | None, Option(("--output-file",), "Write the diagnostics to this file.", "FILE")] = None
    error_on_warning: Annotated[bool, Option(("--error-on-warning",), "Exit with 1 where there are warnings.")] = False

    @property
    def machine(self) -> bool:
        """Whether standard output belongs to the report alone."""
        return self.output_format in MACHINE_FORMATS and self.output_file is None


class CannotSayError(Exception):
    """The system refuses what we have to say: a full disk, a file that cannot be written."""


def report(diagnostics: Iterable[Diagnostic], how: Reporting, names: SourceNames = own_path) -> Exit:
    """Writes the diagnostics and says with which code to exit on their account."""
    found = in_source_order(diagnostics)
    write(render(how.output_format, found, names, colour=how.output_file is None and colours(sys.stderr)), how)
    return exit_code(found, how.error_on_warning)


def write(text: str, how: Reporting) -> None:
    if how.output_file is not None:
        try:
            write_whole(how.output_file, text.encode("utf-8", "backslashreplace"))
        except FileError as error:
            raise CannotSayError(f"{how.output_file} {error.reason}") from error
    elif how.output_format in MACHINE_FORMATS:
        say(text, sys.stdout)
    else:
        say(text, sys.stderr)


def say(text: str, stream: TextIO) -> None:
    """Text to a stream of the system, whatever encoding it has."""
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CannotSayError(f"cannot write the output: {reason(error)}") from error


def reason(error: Exception) -> str:
    """The system's words."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def exit_code(diagnostics: Sequence[Diagnostic], error_on_warning: bool = False) -> Exit:
    faults = {d.code.fault for d in diagnostics if d.severity is Severity.ERROR}
    if Fault.LOCK in faults:
        return INTEGRITY
    if faults:
        return USAGE if faults == {Fault.CALL} else ERRORS
    return ERRORS if error_on_warning and diagnostics else FINE


def colours(stream: TextIO) -> bool:
    """On a terminal, unless the environment says no (no-color.org; TERM=dumb)."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()
