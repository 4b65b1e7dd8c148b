"""`vmc completion`: the script that makes a shell complete our commands and options."""

import os
import sys
from typing import Annotated

from vmspec.base.record import record
from vmspec.cli.command import FINE, USAGE, Command, Exit, PositionalArgument
from vmspec.cli.reporting import say
from vmspec.report.terminal import safe

SHELLS = ("bash", "zsh", "fish", "powershell")


@record(frozen=True, kw_only=True)
class Completion:
    """Print the completion script of a shell: bash, zsh, fish or powershell. For bash: `source <(vmc completion bash)`."""

    shell: Annotated[str, PositionalArgument("The shell.", metavar="SHELL")] = "bash"


def run(options: Completion) -> Exit:
    if options.shell not in SHELLS:
        say(f"vmc: {safe(options.shell)} is none of {', '.join(SHELLS)}\n", sys.stderr)
        return USAGE
    from vmspec.cli.main import COMPLETE
    from vmspec.cli.typed import parse

    os.environ[COMPLETE] = f"source_{options.shell}"
    parse((), None)
    return FINE


COMMAND = Command(Completion, run)
