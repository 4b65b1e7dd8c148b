"""`vmc host propose`: a `host` block from a file of facts."""

import os
import sys
from pathlib import Path
from typing import Annotated

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.record import record
from vmspec.cli import hosts
from vmspec.cli.command import FINE, Command, Exit, Option, PositionalArgument
from vmspec.cli.reporting import Reporting, report, say
from vmspec.deploy import codes


@record(frozen=True, kw_only=True)
class HostPropose(Reporting):
    """Write a `host` block from facts: whole cores that the host keeps on each node, and memory, each with its reason as a comment.

    A start to read and change: what the guests need besides is derived from them.
    """

    facts: Annotated[str, PositionalArgument("A file that `vmc facts` wrote.", metavar="FACTS")]
    name: Annotated[str | None, Option(("--name",), "The host's name; else that of the file.", "NAME")] = None
    uri: Annotated[str | None, Option(("--uri",), "libvirt's URI of the host.", "URI")] = None
    output: Annotated[str | None, Option(("--output", "-o"), "Write the block here, where nothing is yet.", "FILE")] = None


def run(options: HostPropose) -> Exit:
    from vmspec.deploy.binding import HostError
    from vmspec.deploy.facts.file import facts_in
    from vmspec.importing.host_proposal import proposal

    try:
        facts = facts_in(options.facts)
    except HostError as error:
        return report([error.diagnostic], options)
    if not any(node.cpus for node in facts.numa):
        message = f"the facts {options.facts} name no CPUs (`numa`), and without them there is nothing to propose"
        return report([Diagnostic(codes.FACTS_FAILED, message, help="write them with `vmc facts`")], options)
    folder = Path(options.output).parent if options.output is not None else Path()
    path = Path(os.path.relpath(options.facts, folder)).as_posix()
    text = proposal(facts, options.name or Path(options.facts).stem, path, options.uri)
    if options.output is None:
        say(text, sys.stdout)
        return FINE
    if Path(options.output).exists():
        return report([Diagnostic(codes.BAD_CALL, f"{options.output} is there already, and is not replaced")], options)
    unwritten = hosts.write_file(options.output, text)
    return report(unwritten, options) if unwritten else FINE


COMMAND = Command(HostPropose, run)
