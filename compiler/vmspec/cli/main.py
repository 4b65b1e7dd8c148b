"""The entry point: reads the words, runs the command, turns whatever happens into an exit code."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any, NoReturn

from vmspec.cli.command import ERRORS, FINE, USAGE, Command, read
from vmspec.cli.reporting import CannotSayError
from vmspec.cli.table import COMMANDS, GROUPS, load

COMPLETE = "_VMC_COMPLETE"
INTERRUPTED = 130
TERMINATED = 143
"""128 + SIGINT and 128 + SIGTERM, as shells say it."""


class Terminated(KeyboardInterrupt):
    """SIGTERM: ends a command as SIGINT does, so that what it has begun beside its output is cleared away."""


def script() -> NoReturn:
    """The console script. What a process has made the system frees at once; Python would take it apart object by object,
    which takes as long as a quarter of a small build, and seconds after a large one."""
    signal.signal(signal.SIGTERM, _terminate)
    code = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or ERRORS
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit code, which the console script gives to the system."""
    words = list(sys.argv[1:] if argv is None else argv)
    # Nothing that a compilation makes is garbage before it ends; the collector would look through it again and again.
    gc.disable()
    _open_streams()
    try:
        return _run(words)
    except CannotSayError as error:
        return _cannot_say(str(error))
    except Terminated:
        sys.stderr.write("vmc: terminated\n")
        return TERMINATED
    except KeyboardInterrupt:
        sys.stderr.write("vmc: interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_gone()
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            return _cannot_say(f"cannot write the output: {error.strerror}")
        from vmspec.cli.bug import report

        return report(error, words)


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    # Once: what clears away is not to be interrupted in turn.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated


def _run(words: list[str]) -> int:
    completing = COMPLETE in os.environ
    name = _name(_unfinished() if completing else words)
    asked = None if completing else _read(words, name)
    if asked is None:
        from vmspec.cli.typed import parse

        try:
            asked = parse(words, name)
        except SystemExit as stop:
            return stop.code if isinstance(stop.code, int) else USAGE
        if asked is None:
            return FINE
    command, options = asked
    code = command.run(options)
    sys.stdout.flush()
    return code


def _unfinished() -> list[str]:
    """The words that a shell wants completed: bash gives them as COMP_WORDS, the others as typer's scripts do."""
    return (os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS", "")).split()[1:]


def _name(words: list[str]) -> tuple[str, ...] | None:
    """The command that the first words name."""
    first = tuple(words[: 2 if words and words[0] in GROUPS else 1])
    return first if first in COMMANDS else None


def _read(words: list[str], name: tuple[str, ...] | None) -> tuple[Command, Any] | None:
    if name is None:
        return None
    command = load(name)
    options = read(command.options, words[len(name) :])
    return None if options is None else (command, options)


def _open_streams() -> None:
    """A caller may have closed ours (`vmc … >&-`); what goes there is nobody's then."""
    if sys.stdout is None or sys.stderr is None:
        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for as long as the process lives
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere


def _cannot_say(message: str) -> int:
    try:
        sys.stderr.write(f"vmc: {message}\n")
        sys.stderr.flush()
    except OSError:
        pass
    return USAGE


def _reader_gone() -> int:
    """The reader of our output has closed it: `vmc … | head`. Python would complain once more at exit."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    return ERRORS


if __name__ == "__main__":
    script()
