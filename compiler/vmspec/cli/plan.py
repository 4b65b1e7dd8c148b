"""`vmc plan`: what a deploy would do to hosts."""

import json
import sys
from collections.abc import Sequence
from typing import Annotated

from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.record import record
from vmspec.cli import hosts
from vmspec.cli.command import DEPLOY_FAILED, DIFFERENCES, FINE, INTEGRITY, USAGE, Command, Exit, Option
from vmspec.cli.facts_still import changed_facts, is_stale
from vmspec.cli.hosts import HostCalls
from vmspec.cli.only import only
from vmspec.cli.reporting import colours, report, say
from vmspec.cli.saved import save
from vmspec.cli.secrets import Secrets, given
from vmspec.deploy import codes
from vmspec.deploy.concurrency import on_all
from vmspec.deploy.neighbours import Neighbours
from vmspec.deploy.planning import planned
from vmspec.deploy.stop import Stop, listening
from vmspec.deploy.target import HostResult, HostTarget, Settings
from vmspec.driver.compilation import Compilation
from vmspec.emit.due import password_params
from vmspec.plan.verdict import HostPlan, PlanOptions
from vmspec.report.location import SourceNames
from vmspec.report.style import style


@record(frozen=True, kw_only=True)
class Plan(Secrets, HostCalls):
    """Show what a deploy would do: every change with its class, its line and its layer. Exits with 3 where there is something to do.

    TARGET is a host of the program, which gets the VMs that are placed on it; a URI of libvirt, which gets those of the host with that
    `uri`, and where there is no such host every VM of the program; or NAME=URI.
    """

    prune: Annotated[bool, Option(("--prune",), "Remove domains of this project that are no longer in the program.")] = False
    prune_running: Annotated[bool, Option(("--prune-running",), "Stop them first where they run; implies --prune.")] = False
    start: Annotated[bool, Option(("--start",), "Start what does not run.")] = False
    allow_restart: Annotated[bool, Option(("--allow-restart",), "Restart guests where a change needs it.")] = False
    rename: Annotated[tuple[str, ...], Option(("--rename",), "This domain is now called otherwise; it keeps its identity.", "OLD=NEW")] = ()
    gone: Annotated[
        tuple[str, ...], Option(("--gone",), "This host of the program is off for sure: what it may have is not waited for.", "HOST")
    ] = ()
    discard_overlay: Annotated[
        tuple[str, ...],
        Option(("--discard-overlay",), "The disk goes back to the image that the program names; what lies on it is lost.", "VM:DISK"),
    ] = ()
    out: Annotated[str | None, Option(("--out",), "Save the plan, for `vmc deploy --plan`.", "FILE")] = None


def run(options: Plan) -> Exit:
    stop = Stop()
    asked = prepare(options, stop)
    if isinstance(asked, int):
        return asked
    with listening(stop):
        results = on_all(asked.targets, lambda target: planned(target, asked.settings), asked.parallel, stop=stop)
    return ended(say_plans(options, asked, results), results, stop)


@record(frozen=True)
class Asked:
    """A call, understood."""

    targets: list[HostTarget]
    settings: Settings
    found: list[Diagnostic]
    parallel: int
    compilation: Compilation

    @property
    def names(self) -> SourceNames:
        return self.compilation.name


def ended(code: Exit, results: Sequence[HostResult], stop: Stop) -> Exit:
    """The exit code of a command that somebody may have asked to end, before or after all was done."""
    return stop.exit_code if stop.asked and any(result.error is not None for result in results) else code


def told(results: Sequence[HostResult]) -> list[Diagnostic]:
    """What is to be said of hosts as a whole."""
    return [each for result in results for each in (*result.warnings, *([] if result.error is None else [result.error]))]


def prepare(options: Plan, stop: Stop) -> "Asked | Exit":
    """Compiles, and finds out what is meant; an exit code where that fails."""
    found: list[Diagnostic] = []
    words, paths = hosts.split(options.words, options.all)
    renames = hosts.renames(options.rename, found)
    discarded = hosts.disks(options.discard_overlay, "--discard-overlay", found)
    parallel = int(hosts.number(options.parallel, "--parallel", found))
    patience = hosts.patience(options, stop, found)
    if found:
        return report(found, options)
    compilation, more = hosts.compiled(options, paths, renames)
    if has_errors(more):
        return report(more, options, compilation.name)
    secrets, wrong = given(options.secret, compilation)
    if wrong:
        return report([*more, *wrong], options, compilation.name)
    made, wrong = hosts.program(compilation, secrets.params)
    if made is None or has_errors(wrong):
        return report([*more, *wrong], options, compilation.name)
    targets, unclear = hosts.targets(words, options, made)
    unclear += hosts.unknown_hosts(options.gone, made)
    found = [*more, *wrong, *unclear]
    if has_errors(unclear):
        return report(found, options, compilation.name)
    wishes = PlanOptions(
        made.project,
        prune=options.prune or options.prune_running,
        prune_running=options.prune_running,
        start=options.start,
        restart=options.allow_restart,
        renames=renames,
        only=only(options.only, made, []),
        discarded=discarded,
    )
    neighbours = Neighbours(options.state_dir, frozenset(options.gone), compilation.built_before, patience)
    settings = Settings(
        wishes,
        options.state_dir,
        patience=patience,
        files_root=hosts.files_root(options),
        secrets=secrets.libvirt,
        neighbours=neighbours,
    )
    found += changed_facts(targets, compilation, patience)
    return Asked(targets, settings, found, max(1, parallel), compilation)


def say_plans(options: Plan, asked: Asked, results: Sequence[HostResult]) -> Exit:
    """Prints and saves; the exit code."""
    failed = [result.error for result in results if result.error is not None]
    report([*asked.found, *told(results)], options, asked.names)
    plans = [result.plan for result in results if result.plan is not None]
    show(plans, options.format)
    refused = [vm for plan in plans for vm in plan.refused]
    if failed:
        return error_code(results)
    if options.out is not None:
        unwritten = save(options.out, options, plans, password_params(asked.compilation.fleet.vms))
        if unwritten:
            return report(unwritten, options)
    return DIFFERENCES if refused or any(plan.due for plan in plans) or is_stale(asked.found) else FINE


UNTOUCHED = (codes.STALE_PLAN, codes.HOST_LOCKED, codes.BAD_JOURNAL)
"""With these nothing has been begun."""
ASKED_WRONG = (codes.BAD_CALL, codes.NO_BINDING, codes.UNKNOWN_TARGET, codes.NOTHING_TO_ROLL_BACK)


def error_code(results: Sequence[HostResult]) -> Exit:
    """Of what went wrong with hosts as a whole; FINE where nothing did."""
    errors = [result.error for result in results if result.error is not None]
    if errors and len(errors) == len(results) and all(error.code in UNTOUCHED for error in errors):
        return INTEGRITY
    if errors and all(error.code in ASKED_WRONG for error in errors):
        return USAGE
    return DEPLOY_FAILED if errors else FINE


def show(plans: Sequence[HostPlan], form: str) -> None:
    if form == "json":
        from vmspec.plan import data

        say(json.dumps(data.plain(plans), indent=1) + "\n", sys.stdout)
    elif form == "markdown":
        from vmspec.plan import markdown

        say(markdown.text(plans), sys.stdout)
    else:
        from vmspec.plan import text

        look = style(colours(sys.stdout))
        for plan in plans:
            say(text.text(plan, look), sys.stdout)


COMMAND = Command(Plan, run)
__all__ = ["COMMAND", "Asked", "Plan", "ended", "prepare", "run", "say_plans", "show", "told"]
