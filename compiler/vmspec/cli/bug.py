"""What a person sees of a mistake of ours: a diagnostic with what a report needs, and the traceback only where it is asked for."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from collections.abc import Sequence
from itertools import pairwise

import vmspec
from vmspec.base.code import Code
from vmspec.base.diagnostic import Diagnostic
from vmspec.base.unspoken import unspoken
from vmspec.cli.command import ERRORS
from vmspec.report import FORMATS, MACHINE_FORMATS, render

INTERNAL_ERROR = Code(
    9001,
    "internal-error",
    """
    What: The compiler failed where it must not, whatever the sources say: a bug of ours.
    Why: Mistakes in sources are diagnostics with a place and an explanation. This one has neither, so that all we can do is ask for a
        report: the version, the command, and the smallest sources that still show it. `VMC_DEBUG=1` prints the traceback.
    """,
)


def diagnostic(error: BaseException) -> Diagnostic:
    frames = traceback.extract_tb(error.__traceback__)
    at = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "an unknown place"  # noqa: PTH119
    text = unspoken(str(error)).partition("\n")[0][:200]
    message = f"a bug of ours: {type(error).__name__} in {at}{f' ({text})' if text else ''}"
    version = f"vmc {vmspec.__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    report = "please report it with the sources that show it, made as small as you can; VMC_DEBUG=1 shows the traceback"
    return Diagnostic(INTERNAL_ERROR, message, notes=(version,), help=report)


def report(error: BaseException, words: Sequence[str]) -> int:
    """Says it in the format that was asked for, as far as that can be known."""
    if os.environ.get("VMC_DEBUG"):
        sys.stderr.write(unspoken("".join(traceback.format_exception(error))))
    form = _format(words)
    text = render(form, [diagnostic(error)])
    print(text, end="", file=sys.stdout if form in MACHINE_FORMATS else sys.stderr)
    return ERRORS


def _format(words: Sequence[str]) -> str:
    joined = [word.partition("=")[2] for word in words if word.startswith("--output-format=")]
    apart = [after for word, after in pairwise(words) if word == "--output-format"]
    wanted = [*joined, *apart]
    return wanted[-1] if wanted and wanted[-1] in FORMATS else "full"
