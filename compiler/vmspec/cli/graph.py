"""`vmc graph`: the profiles and their parents, or the hosts and their VMs, as text that other programs draw."""

import sys
from typing import Annotated

from vmspec.base.diagnostic import has_errors
from vmspec.base.record import record
from vmspec.cli.command import Command, Exit, Option, PositionalArgument
from vmspec.cli.inputs import Inputs, compile_
from vmspec.cli.reporting import Reporting, report, say


@record(frozen=True, kw_only=True)
class Graph(Inputs, Reporting):
    """Print a picture of the sources as text: which profile extends which, or which VM is on which host.

    `vmc graph --of placement | dot -Tsvg -o placement.svg` draws it with Graphviz; Markdown on GitHub and GitLab draws Mermaid.
    """

    paths: Annotated[tuple[str, ...], PositionalArgument("Files, or directories of files.", default_help="this directory")] = ()
    of: Annotated[str, Option(("--of",), "What it shows.", "WHAT", ("profiles", "placement"))] = "profiles"
    format: Annotated[str, Option(("--format",), "For Graphviz, or for Mermaid.", "FORMAT", ("dot", "mermaid"))] = "dot"


def run(options: Graph) -> Exit:
    compilation, wrong = compile_(options.paths, options)
    found = (*wrong, *(() if wrong else compilation.diagnostics))
    if not has_errors(found) and not options.machine:
        from vmspec.docs_gen.graph import dot, inheritance, mermaid, placement

        graph = inheritance(compilation.program) if options.of == "profiles" else placement(compilation.fleet)
        say((mermaid if options.format == "mermaid" else dot)(graph), sys.stdout)
    return report(found, options, compilation.name)


COMMAND = Command(Graph, run)
