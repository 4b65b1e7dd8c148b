"""`vmc dev print`: what a stage makes of the sources, as stable text."""

import sys
from typing import Annotated

from vmspec.base.record import record
from vmspec.cli.command import Command, Exit, Option, PositionalArgument
from vmspec.cli.inputs import Inputs, compile_
from vmspec.cli.reporting import Reporting, report, say
from vmspec.driver.dump import STAGES, printed
from vmspec.report.terminal import safe_lines


@record(frozen=True, kw_only=True)
class DevPrint(Inputs, Reporting):
    """Print what a stage of the compiler makes of the sources.

    Errors of that stage or an earlier one are reported; what there is, is printed.
    """

    paths: Annotated[tuple[str, ...], PositionalArgument("Files, or directories of files.", default_help="this directory")] = ()
    stage: Annotated[str, Option(("--stage",), "The stage.", "STAGE", STAGES)] = "settled"


def run(options: DevPrint) -> Exit:
    compilation, wrong = compile_(options.paths, options)
    if wrong:
        return report(wrong, options)
    text, found = printed(compilation, options.stage)
    if not options.machine:
        say(safe_lines(text), sys.stdout)
    return report(found, options, compilation.name)


COMMAND = Command(DevPrint, run)
