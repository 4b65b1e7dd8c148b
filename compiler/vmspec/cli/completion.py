"""`vmc completion`: the script that makes a shell complete our commands and options."""

import os
from dataclasses import dataclass
from typing import Annotated

from vmspec.cli.command import FINE, Argument, Command, Exit

SHELLS = ("bash", "zsh", "fish", "powershell")


@dataclass(frozen=True, kw_only=True)
class Completion:
    """Print the completion script of a shell: bash, zsh, fish or powershell. For bash: `source <(vmc completion bash)`."""

    shell: Annotated[str, Argument("The shell.", metavar="SHELL")] = "bash"


def run(options: Completion) -> Exit:
    from vmspec.cli.main import COMPLETE
    from vmspec.cli.typed import parse

    os.environ[COMPLETE] = f"source_{options.shell}"
    parse((), ())
    return FINE


COMMAND = Command(Completion, run)
