"""`vmc export`: a host's settings for a system that owns its hosts' files itself."""

import sys
from typing import Annotated

from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.record import record
from vmspec.base.suggest import did_you_mean
from vmspec.cli import hosts
from vmspec.cli.command import Command, Exit, Option, PositionalArgument
from vmspec.cli.inputs import Inputs, compile_
from vmspec.cli.reporting import Reporting, report, say
from vmspec.deploy import codes


@record(frozen=True, kw_only=True)
class Export(Inputs, Reporting):
    """Write what a host needs as a MachineConfig of OpenShift or as a NixOS module; the system then owns the kernel arguments too."""

    words: Annotated[
        tuple[str, ...], PositionalArgument("A host of the program; then files, or directories of files.", metavar="HOST [PATH…]")
    ]
    format: Annotated[str, Option(("--format",), "Whose words.", "FORMAT", ("machineconfig", "nixos"))] = "machineconfig"
    output: Annotated[str | None, Option(("--output", "-o"), "Write it to this file.", "FILE")] = None


def run(options: Export) -> Exit:
    name, *paths = options.words
    compilation, wrong = compile_(tuple(paths), options)
    found = [*wrong, *(() if wrong else compilation.diagnostics)]
    if has_errors(found):
        return report(found, options, compilation.name)
    host = next((each for each in compilation.fleet.hosts if each.name == name), None)
    if host is None:
        known = [each.name for each in compilation.fleet.hosts]
        return report([Diagnostic(codes.UNKNOWN_TARGET, f"there is no host {name}", help=did_you_mean(name, known))], options)
    from vmspec.emit.export import EXPORTS

    text = EXPORTS[options.format](host)
    code = report(found, options, compilation.name)
    if options.output is not None:
        unwritten = hosts.write_file(options.output, text)
        return report(unwritten, options) if unwritten else code
    say(text, sys.stdout)
    return code


COMMAND = Command(Export, run)
