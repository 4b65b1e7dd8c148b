"""`vmc deploy`: carries out what `vmc plan` shows."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated

from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.json_text import Json
from vmspec.base.record import record, replace
from vmspec.cli import hosts, saved
from vmspec.cli.command import DEPLOY_FAILED, DIFFERENCES, FINE, USAGE, Command, Exit, Option
from vmspec.cli.facts_still import is_stale
from vmspec.cli.plan import Asked, Plan, ended, error_code, prepare, say_plans, show, told
from vmspec.cli.progress import Progress
from vmspec.cli.reporting import colours, report, say
from vmspec.deploy import codes
from vmspec.deploy.apply import DeployOptions as Limits
from vmspec.deploy.apply import Outcome
from vmspec.deploy.concurrency import on_all
from vmspec.deploy.moves import with_moves
from vmspec.deploy.planning import planned
from vmspec.deploy.run import deployed
from vmspec.deploy.stop import Stop, listening
from vmspec.deploy.target import HostResult, Settings
from vmspec.driver.build import write_lock
from vmspec.driver.compilation import Compilation
from vmspec.report.style import style
from vmspec.report.terminal import safe


@record(frozen=True, kw_only=True)
class Deploy(Plan):
    """Make hosts what the program says: what can change while guests run is changed, the rest counts from their next start.

    Nothing restarts without --allow-restart, nothing starts without --start, nothing is removed without --prune, and what is not ours is
    never touched. Exits with 5 where something failed. docs/deploy.md says what happens when it is killed at any step.
    """

    plan: Annotated[str | None, Option(("--plan",), "Deploy this saved plan, and nothing else.", "FILE")] = None
    dry_run: Annotated[bool, Option(("--dry-run",), "Show what would be done; no side effect at all.")] = False
    shutdown_timeout: Annotated[str, Option(("--shutdown-timeout",), "Seconds that a guest has to shut down.", "SECONDS")] = "120"
    force_off: Annotated[bool, Option(("--force-off",), "Cut its power after that time.")] = False
    batch: Annotated[
        str | None, Option(("--batch",), "Guests of a host that are restarted at once; else as `restart.batch` says, or one.", "N")
    ] = None
    health: Annotated[
        str | None,
        Option(
            ("--health",),
            "What is to be seen of one before the next batch; else as `restart.health` says, or running.",
            "WHAT",
            ("none", "running", "agent", "address"),
        ),
    ] = None
    health_timeout: Annotated[str, Option(("--health-timeout",), "Seconds that a guest has to come up.", "SECONDS")] = "120"
    lock_timeout: Annotated[str, Option(("--lock-timeout",), "Seconds to wait for another vmc.", "SECONDS")] = "0"
    max_failures: Annotated[str | None, Option(("--max-failures",), "Begin no further host after so many have failed.", "N")] = None
    run_commands: Annotated[bool, Option(("--run-commands",), "Run the commands that host files need, instead of showing them.")] = False
    stale_facts: Annotated[
        bool, Option(("--stale-facts",), "Go on where a host is no longer what its facts say; else nothing is done, and it exits with 3.")
    ] = False


def run(options: Deploy) -> Exit:
    expected: Mapping[str, Json] | None = None
    if options.plan is not None:
        plan = saved.read(options.plan, Plan())
        if plan is None:
            return report([Diagnostic(codes.BAD_CALL, f"{options.plan} is no plan that this vmc has saved")], options) and USAGE
        both = saved.with_saved(options, plan, Plan(), options.param)
        if isinstance(both, Diagnostic):
            return report([both], options) and USAGE
        options, expected = both, plan.hosts
    stop = Stop()
    asked = prepare(options, stop)
    if isinstance(asked, int):
        return asked
    if is_stale(asked.found) and not options.stale_facts and not options.dry_run:
        report(asked.found, options, asked.names)
        return DIFFERENCES
    wrong: list[Diagnostic] = []
    limits = Limits(
        hosts.number(options.shutdown_timeout, "--shutdown-timeout", wrong),
        options.force_off,
        None if options.batch is None else int(hosts.number(options.batch, "--batch", wrong)),
        options.health,
        hosts.number(options.health_timeout, "--health-timeout", wrong),
    )
    if limits.batch == 0 and not wrong:
        wrong.append(Diagnostic(codes.BAD_CALL, "--batch 0 restarts nothing"))
    wait = hosts.number(options.lock_timeout, "--lock-timeout", wrong)
    failures = None if options.max_failures is None else int(hosts.number(options.max_failures, "--max-failures", wrong))
    wrong += hosts.only_here(options, options.run_commands)
    if wrong:
        return report(wrong, options)
    settings = replace(asked.settings, options=limits, lock_timeout=wait, run_commands=options.run_commands, expected=expected)
    with listening(stop):
        return _run(options, asked, settings, failures, stop)


def _run(options: Deploy, asked: Asked, settings: Settings, failures: int | None, stop: Stop) -> Exit:
    if options.dry_run:
        results = on_all(asked.targets, lambda target: planned(target, settings), asked.parallel, stop=stop)
        return ended(say_plans(options, asked, results), results, stop)
    if asked.settings.wishes.renames:
        # The lock is not to say what no host will do.
        looked = on_all(asked.targets, lambda target: planned(target, settings), asked.parallel, stop=stop)
        if not all(result.ok for result in looked):
            return ended(_said(options, asked, looked), looked, stop)
    unwritten = write_lock(asked.compilation)
    if has_errors(unwritten):
        return report(unwritten, options)
    with Progress("VMs", 0, not options.machine and options.format == "text") as progress:
        results = on_all(asked.targets, lambda target: deployed(target, settings, progress), asked.parallel, failures, stop)
        results = [with_moves(result, settings, progress) for result in results]
    return ended(_said(options, asked, results), results, stop)


def _said(options: Deploy, asked: Asked, results: Sequence[HostResult]) -> Exit:
    report([*asked.found, *told(results)], options, asked.names)
    if options.format == "json":
        say(
            json.dumps({"version": 1, "hosts": [plain(result) | _plain_probes(result, asked.compilation) for result in results]}, indent=1)
            + "\n",
            sys.stdout,
        )
    else:
        show([result.plan for result in results if result.plan is not None and (result.plan.due or result.plan.refused)], options.format)
        say("".join(f"{line}\n" for result in results for line in (*lines(result), *_probes(result, asked.compilation))), sys.stdout)
    return exit_code(results)


def _probes(result: HostResult, compilation: Compilation) -> list[str]:
    """What the host made of the files that were changed."""
    if result.target.host is None or not result.probed:
        return []
    from vmspec.cli.setting_origin import setting_line
    from vmspec.deploy.probes.probe import ProbeState

    look, host = style(colours(sys.stdout)), result.target.host
    told = {ProbeState.NOT_TAKEN: look.error("not taken"), ProbeState.AFTER_RESTART: look.warning("after the restart")}
    lines = [f"  {told[each.state]}: {setting_line(each, host, compilation)}" for each in result.probed if each.state in told]
    fit = sum(each.state is ProbeState.AS_MEANT for each in result.probed)
    return [*lines, f"  {fit} of {len(result.probed)} settings seen as meant"]


def _plain_probes(result: HostResult, compilation: Compilation) -> dict[str, object]:
    if result.target.host is None:
        return {"settings": []}
    from vmspec.cli.setting_origin import plain_setting

    host = result.target.host
    return {"settings": [plain_setting(each, host, compilation) for each in result.probed]}


def exit_code(results: Sequence[HostResult]) -> Exit:
    return error_code(results) or (FINE if all(result.ok for result in results) else DEPLOY_FAILED)


def lines(result: HostResult) -> list[str]:
    """What became of a host, one line a domain that something was done to."""
    look = style(colours(sys.stdout))
    found = [f"{safe(result.target.name)}: {_count(result)}", *(f"  {safe(note)}" for note in result.notes)]
    for outcome in result.outcomes:
        found += _outcome(outcome, look.error)
    lacking = [] if result.plan is None else [each for each in result.plan.secrets if each.lacks]
    found += [f"  {safe(str(each))}  ({safe(', '.join(each.vms))})" for each in lacking]
    found += [f"  run as root: {safe(command)}" for command in result.commands] if not result.failed_commands else []
    found += [f"  failed: {safe(text)}" for text in result.failed_commands]
    found += [f"  files below {safe(root)} stay as they are" for root in result.files_left]
    if result.files is not None and result.files.reboot and result.error is None:
        found.append("  restart the host: some of its files count from the next boot only")
    return found


def _count(result: HostResult) -> str:
    if result.error is not None and not result.outcomes:
        return "failed"
    wrong = sum(outcome.begun and not outcome.ok for outcome in result.outcomes)
    left = sum(not outcome.begun for outcome in result.outcomes)
    done = sum(outcome.ok and bool(outcome.done) for outcome in result.outcomes)
    steps = 0 if result.files is None or result.error is not None else len(result.files.steps)
    counts = ((done, "done"), (wrong, "failed"), (left, "not begun"), (steps, "file" if steps == 1 else "files"))
    parts = [f"{count} {what}" for count, what in counts if count] + ["then left"] * (result.error is not None)
    return ", ".join(parts) or ("nothing to do" if result.ok else "nothing done")


def _outcome(outcome: Outcome, red: object) -> list[str]:
    assert callable(red)
    if not outcome.begun:
        return [f"  {safe(outcome.name)}: not begun: {safe(outcome.error or '')}"]
    done = ", ".join(outcome.done) or "nothing"
    found = [f"  {safe(outcome.name)}: {safe(done)}" + (f"; {red('failed')}: {safe(outcome.error)}" if outcome.error else "")]
    found += [f"      {red('refused while running')}: {safe(path)}: {safe(reason)}" for path, reason in outcome.refused]
    if outcome.asked:
        found.append(f"      asked of the guest: {safe(', '.join(outcome.asked))}")
    if outcome.pending:
        found.append(f"      from the next start on: {safe(', '.join(outcome.pending))}")
    return found


def plain(result: HostResult) -> dict[str, object]:
    from vmspec.plan import data

    wrong = result.error
    error = None if wrong is None else {"code": wrong.code.number, "name": wrong.code.name, "message": wrong.message}
    return {
        "target": result.target.name,
        "uri": result.target.uri,
        "ok": result.ok,
        "error": error,
        "notes": list(result.notes),
        "plan": None if result.plan is None else data.plain([result.plan]),
        "vms": [
            {
                "name": outcome.name,
                "ok": outcome.ok,
                "begun": outcome.begun,
                "done": list(outcome.done),
                "error": outcome.error,
                "refused": [{"path": path, "message": reason} for path, reason in outcome.refused],
                "pending": list(outcome.pending),
                "asked": list(outcome.asked),
            }
            for outcome in result.outcomes
        ],
        "files": None if result.files is None else data.files(result.files),
        "commands": list(result.commands),
        "failed_commands": list(result.failed_commands),
    }


COMMAND = Command(Deploy, run)
__all__ = ["COMMAND", "Deploy", "exit_code", "lines", "plain", "run"]
