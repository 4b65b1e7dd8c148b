"""`vmc rehearse`: boots a host's arguments and files under QEMU, and compares what the kernel made of them."""

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.record import record
from vmspec.base.suggest import did_you_mean
from vmspec.cli import hosts
from vmspec.cli.command import DEPLOY_FAILED, DIFFERENCES, FINE, Command, Exit, Option, PositionalArgument
from vmspec.cli.inputs import Inputs, params
from vmspec.cli.reporting import Reporting, colours, report, say
from vmspec.deploy import codes
from vmspec.driver.compilation import BuildOptions, Compilation
from vmspec.lower.fleet import HostObject
from vmspec.report.style import style
from vmspec.report.terminal import safe

if TYPE_CHECKING:
    from vmspec.deploy.rehearsal.rehearse import Rehearsal


@record(frozen=True, kw_only=True)
class Rehearse(Inputs, Reporting):
    """Boot a kernel under QEMU with a host's nodes, CPUs, arguments and files, and say which settings it did not take; exits with 3 then.

    Nothing is done to the host. A large host has every node, and of each the first and last cores; huge pages are fewer by one factor.
    """

    words: Annotated[
        tuple[str, ...], PositionalArgument("A host of the program; then files, or directories of files.", metavar="HOST [PATH…]")
    ]
    kernel: Annotated[str | None, Option(("--kernel",), "An image, or the name of a package; else the host's kernel from apt.", "FILE")] = (
        None
    )
    modules: Annotated[str | None, Option(("--modules",), "lib/modules/RELEASE of an image that is a file.", "DIR")] = None
    suite: Annotated[str | None, Option(("--suite",), "Debian's release whose systemd applies the files.", "NAME")] = None
    limit: Annotated[str, Option(("--limit",), "Seconds for the boot.", "SECONDS")] = "240"
    format: Annotated[str, Option(("--format",), "How to print the result.", "FORMAT", ("text", "json"))] = "text"


def run(options: Rehearse) -> Exit:
    found: list[Diagnostic] = []
    limit = hosts.number(options.limit, "--limit", found)
    values, wrong = params(options.param)
    found += wrong
    if found:
        return report(found, options)
    name, *paths = options.words
    compilation = Compilation(tuple(paths) or (".",), BuildOptions(options.env, values))
    found = list(compilation.diagnostics)
    if has_errors(found):
        return report(found, options, compilation.name)
    fleet = compilation.fleet
    host = next((each for each in fleet.hosts if each.name == name), None)
    if host is None:
        known = [each.name for each in fleet.hosts]
        return report([Diagnostic(codes.UNKNOWN_TARGET, f"there is no host {name}", help=did_you_mean(name, known))], options)
    from vmspec.deploy.binding import HostError
    from vmspec.deploy.rehearsal.rehearse import Choice, rehearse
    from vmspec.deploy.stop import Stop, listening

    stop = Stop()
    choice = Choice(kernel=options.kernel, modules=options.modules, suite=options.suite, limit=limit)
    try:
        with listening(stop):
            made = rehearse(host, fleet.facts.get(name), choice, stop)
    except HostError as error:
        report([*found, error.diagnostic], options, compilation.name)
        return stop.exit_code if stop.asked else DEPLOY_FAILED
    report(found, options, compilation.name)
    say(_json(made, host, compilation) if options.format == "json" else "\n".join(_text(made, host, compilation)) + "\n", sys.stdout)
    return DIFFERENCES if made.wrong else FINE


def _text(made: "Rehearsal", host: HostObject, compilation: Compilation) -> Iterator[str]:
    from vmspec.cli.setting_origin import setting_line, setting_place

    look = style(colours(sys.stdout))
    shape = made.shape
    yield f"{made.host}: kernel {made.kernel}, systemd of {made.suite}, {len(shape.cpus)} CPUs, {len(shape.memory)} nodes"
    if not shape.is_same:
        pairs = ", ".join(f"{a}→{b}" for a, b in shape.cpus.items() if a != b)
        yield f"  CPUs of the host → of the machine: {pairs}; the arguments have the machine's numbers"
    if shape.factor > 1:
        yield f"  huge pages: one for {shape.factor} of the host's"
    if made.line != made.own_line:
        yield f"  arguments of the host: {safe(made.own_line)}"
    yield f"  arguments: {safe(made.line)}"
    for each in made.wrong:
        yield f"{made.host}: {look.error('not taken')}: {setting_line(each, host, compilation)}"
    for each in made.unseen:
        yield f"{made.host}: not to be seen here: {safe(each.what)} = {safe(each.meant)}{setting_place(each, host, compilation)}"
    fit = len(made.outcomes) - len(made.wrong) - len(made.unseen)
    yield f"{fit} as meant, {len(made.wrong)} not, {len(made.unseen)} not to be seen under QEMU"


def _json(made: "Rehearsal", host: HostObject, compilation: Compilation) -> str:
    from vmspec.cli.setting_origin import plain_setting

    result = {
        "version": 1,
        "host": made.host,
        "kernel": made.kernel,
        "suite": made.suite,
        "arguments": made.line,
        "arguments_of_the_host": made.own_line,
        "cpus": {str(a): b for a, b in made.shape.cpus.items()},
        "pages_factor": made.shape.factor,
        "settings": [plain_setting(each, host, compilation) for each in made.outcomes],
    }
    return json.dumps(result, indent=1) + "\n"


COMMAND = Command(Rehearse, run)
