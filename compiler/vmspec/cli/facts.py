"""`vmc facts`: what a host is, as a file to commit; or what of such a file is no longer so."""

import json
import sys
from typing import Annotated

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.record import record
from vmspec.cli import hosts
from vmspec.cli.command import DEPLOY_FAILED, DIFFERENCES, FINE, Command, Exit, Option, PositionalArgument
from vmspec.cli.reporting import Reporting, colours, report, say
from vmspec.deploy import codes
from vmspec.model.facts_json import facts_text
from vmspec.report.style import style
from vmspec.report.terminal import safe


@record(frozen=True, kw_only=True)
class Facts(Reporting):
    """Write what a host is: CPUs, nodes, caches, devices, kernel, versions of libvirt and QEMU. Two looks at one host give the same bytes.

    Of a qemu+ssh:// URI the host's /sys, /proc and /etc are read by ssh, and nothing is installed there. Commit the file and name it in
    the host's block: `facts = "n1.json"`.
    """

    uri: Annotated[str | None, PositionalArgument("A URI of libvirt.", metavar="URI", default_help="none: of the system alone")] = None
    local: Annotated[bool, Option(("--local",), "This machine, without asking a libvirt.")] = False
    ssh: Annotated[str | None, Option(("--ssh",), "The machine that ssh reaches by this name, with or without its libvirt.", "HOST")] = None
    output: Annotated[str | None, Option(("--output", "-o"), "Write the facts here; without it, print.", "FILE")] = None
    check: Annotated[str | None, Option(("--check",), "Name each fact of this file that is no longer so; exits with 3.", "FILE")] = None
    format: Annotated[str, Option(("--format",), "How --check prints its result.", "FORMAT", ("text", "json"))] = "text"
    timeout: Annotated[str, Option(("--timeout",), "Seconds that a call of libvirt may take.", "SECONDS")] = "60"
    root: Annotated[str | None, Option(("--root",), "Look at this directory as the root of the machine: a copy of its /sys.", "DIR")] = None


def run(options: Facts) -> Exit:
    wrong = _wrong(options)
    limit = hosts.number(options.timeout, "--timeout", wrong)
    if wrong:
        return report(wrong, options)
    from vmspec.deploy.binding import HostError
    from vmspec.deploy.calls import Patience
    from vmspec.deploy.facts.compare import gone
    from vmspec.deploy.facts.file import facts_in
    from vmspec.deploy.facts.gather import facts_of, where
    from vmspec.deploy.stop import Stop, listening

    stop = Stop()
    try:
        committed = facts_in(options.check) if options.check is not None else None
        with listening(stop):
            now = facts_of(where(options.uri, options.ssh, options.root), Patience(limit, stop))
    except HostError as error:
        report([error.diagnostic], options)
        return stop.exit_code if stop.asked else DEPLOY_FAILED
    if options.output is not None and (unwritten := hosts.write_file(options.output, facts_text(now))):
        return report(unwritten, options)
    if committed is None:
        if options.output is None:
            say(facts_text(now), sys.stdout)
        return FINE
    found = gone(committed, now)
    if options.format == "json":
        plain = [{"path": each.path, "was": each.was, "now": each.now} for each in found]
        say(json.dumps({"version": 1, "differences": plain}, indent=1) + "\n", sys.stdout)
    else:
        look = style(colours(sys.stdout))
        lines = [f"{safe(str(options.check))}: {look.error('no longer so')}: {safe(str(each))}\n" for each in found]
        say("".join(lines) + f"{len(found)} difference{'' if len(found) == 1 else 's'}\n", sys.stdout)
    return DIFFERENCES if found else FINE


def _wrong(options: Facts) -> list[Diagnostic]:
    ways = [options.uri is not None, options.local, options.ssh is not None, options.root is not None]
    if not any(ways):
        return [Diagnostic(codes.BAD_CALL, "no host is given", help="a URI of libvirt, --local, or --ssh HOST")]
    if options.local and (options.uri is not None or options.ssh is not None):
        return [Diagnostic(codes.BAD_CALL, "--local is this machine, and another is given too")]
    if options.root is not None and options.ssh is not None:
        return [Diagnostic(codes.BAD_CALL, "--root is a directory of this machine, and --ssh is another")]
    return []


COMMAND = Command(Facts, run)
