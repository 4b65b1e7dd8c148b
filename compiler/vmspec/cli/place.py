"""`vmc place`: chooses hosts, nodes and CPUs for the VMs that leave that to it, and writes them into the lock."""

import sys
from typing import Annotated

from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.record import record
from vmspec.cli.command import Command, Exit, Option, PositionalArgument
from vmspec.cli.inputs import Inputs, compile_
from vmspec.cli.reporting import Reporting, report, say
from vmspec.deploy.codes import BAD_CALL
from vmspec.driver.build import write_lock
from vmspec.driver.placing import Placed, place
from vmspec.report.terminal import safe


@record(frozen=True, kw_only=True)
class Place(Inputs, Reporting):
    """Choose a host, NUMA nodes and CPUs for each VM with `place = auto` or `place = hosts(…)`, and write them into vmspec.lock.

    VMs that the lock has stay where they are, unless that cannot be. What comes out is checked like a build before anything is written.
    """

    paths: Annotated[tuple[str, ...], PositionalArgument("Files, or directories of files.", default_help="this directory")] = ()
    max_moves: Annotated[str | None, Option(("--max-moves",), "At most so many VMs may change their host or nodes.", "N")] = None
    anew: Annotated[bool, Option(("--anew",), "Forget where VMs are, and place all of them anew.")] = False
    dry_run: Annotated[bool, Option(("--dry-run",), "Print what would change, and write nothing.")] = False


def run(options: Place) -> Exit:
    compilation, wrong = compile_(options.paths, options)
    given = options.max_moves
    if given is not None and not (given.isascii() and given.isdigit()):
        wrong = (*wrong, Diagnostic(BAD_CALL, f"--max-moves {given} is not a number"))
    if wrong:
        return report(wrong, options, compilation.name)
    result = place(compilation, max_moves=None if given is None else int(given), anew=options.anew)
    found = list(result.diagnostics)
    if not options.machine and result.solution is not None:
        say(_text(result), sys.stdout)
    if not has_errors(found) and result.lock is not None and not options.dry_run:
        found += write_lock(compilation, result.lock)
    return report(found, options, compilation.name)


def _text(result: Placed) -> str:
    solution = result.solution
    assert solution is not None
    lines = []
    for name, after in result.after.items():
        before = result.before.get(name)
        if before != after:
            nodes = f", node {', '.join(map(str, after.nodes))}" if after.nodes else ""
            cpus = f", CPUs {' '.join(map(str, after.pins))}" if after.pins else ""
            was = f" (was on {safe(before.host)})" if before is not None and before.host != after.host else ""
            lines.append(f"  {safe(name)}: {safe(after.host)}{nodes}{cpus}{was}\n")
    hosts = f"{solution.cost.hosts} host{'s' if solution.cost.hosts != 1 else ''}"
    proof = "no fewer can do" if solution.hosts_bound >= solution.cost.hosts else f"at least {solution.hosts_bound} are needed"
    moves = f", {solution.cost.moves} moved" if result.before else ""
    return "".join(lines) + f"{len(result.after)} VMs on {hosts}{moves}; {proof} ({solution.solver})\n"


COMMAND = Command(Place, run)
