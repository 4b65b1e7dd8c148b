"""`vmc rollback`: back to the definitions before the last deploy."""

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Annotated

from vmspec.base.diagnostic import Diagnostic, has_errors
from vmspec.base.record import record, replace
from vmspec.cli import hosts
from vmspec.cli.command import FINE, Command, Exit, Option
from vmspec.cli.deploy import exit_code, lines, plain
from vmspec.cli.hosts import HostCalls
from vmspec.cli.only import only
from vmspec.cli.plan import ended, told
from vmspec.cli.progress import Progress
from vmspec.cli.reporting import colours, report, say
from vmspec.deploy.apply import DeployOptions as Limits
from vmspec.deploy.journal import write_reported
from vmspec.deploy.planning import planned
from vmspec.deploy.run import deployed
from vmspec.deploy.stop import Stop, listening
from vmspec.deploy.target import HostResult, HostTarget, Settings
from vmspec.plan.mode import PlanMode
from vmspec.plan.only import Only
from vmspec.plan.restore import WORDS
from vmspec.plan.text import details, files_text
from vmspec.plan.verdict import PlanOptions
from vmspec.report.style import style
from vmspec.report.terminal import safe


@record(frozen=True, kw_only=True)
class Rollback(HostCalls):
    """Bring back the definitions that the last deploy changed, from the journal. Running guests go on as they are.

    A domain that the deploy created is undefined; one that it pruned is defined again, and its NVRAM, TPM state and disks are still there.
    Files of the host are brought back with --host-files or --root.
    """

    to: Annotated[str | None, Option(("--to",), "Back to this deploy, as `vmc history` numbers them; 0: before the first.", "N")] = None
    dry_run: Annotated[bool, Option(("--dry-run",), "Show what would be done.")] = False
    prune_running: Annotated[bool, Option(("--prune-running",), "Stop guests that the deploy created, to undefine them.")] = False
    shutdown_timeout: Annotated[str, Option(("--shutdown-timeout",), "Seconds that a guest has to shut down.", "SECONDS")] = "120"
    force_off: Annotated[bool, Option(("--force-off",), "Cut its power after that time.")] = False
    keep_files: Annotated[bool, Option(("--keep-files",), "Leave the host's files as the deploy made them.")] = False
    run_commands: Annotated[bool, Option(("--run-commands",), "Run the commands that host files need, instead of showing them.")] = False
    lock_timeout: Annotated[str, Option(("--lock-timeout",), "Seconds to wait for another vmc.", "SECONDS")] = "0"


def run(options: Rollback) -> Exit:
    stop = Stop()
    found: list[Diagnostic] = []
    limits = Limits(hosts.number(options.shutdown_timeout, "--shutdown-timeout", found), options.force_off)
    wait = hosts.number(options.lock_timeout, "--lock-timeout", found)
    patience = hosts.patience(options, stop, found)
    to = None if options.to is None else int(hosts.number(options.to, "--to", found))
    found += hosts.unlike(options)
    found += hosts.only_here(options, options.run_commands)
    if found:
        return report(found, options)
    targets, found, project, chosen = _targets(options)
    if not targets or has_errors(found):
        return report(found, options)
    settings = Settings(
        PlanOptions(project, prune_running=options.prune_running, only=chosen, mode=PlanMode.ROLLBACK),
        options.state_dir,
        wait,
        patience,
        limits,
        hosts.files_root(options),
        options.run_commands,
        to,
        options.keep_files,
    )
    with listening(stop), Progress("VMs", 0, not options.machine and options.format == "text") as progress:
        results = [planned(target, settings) if options.dry_run else deployed(target, settings, progress) for target in targets]
    code = ended(_said(options, found, results), results, stop)
    sys.stdout.flush()
    for result in results:
        if result.journal is not None and result.ok:
            write_reported(result.journal)
    return code


def _said(options: Rollback, found: list[Diagnostic], results: Sequence[HostResult]) -> Exit:
    report([*found, *told(results)], options)
    if options.format == "json":
        say(json.dumps({"version": 1, "hosts": [_plain(each) for each in results]}, indent=1) + "\n", sys.stdout)
    elif options.dry_run:
        say("".join(f"{line}\n" for result in results for line in _would(result)), sys.stdout)
    else:
        say("".join(f"{line}\n" for result in results for line in lines(result)), sys.stdout)
    return FINE if options.dry_run and all(result.error is None for result in results) else exit_code(results)


def _targets(options: Rollback) -> tuple[list[HostTarget], list[Diagnostic], str, Only | None]:
    """And the id of the project, and the choice of VMs; a URI without paths needs no program: the journal knows all."""
    words, paths = hosts.split(options.words, options.all)
    if words and not options.all and not paths and all(word.partition("=")[0].count("://") for word in words):
        found = [HostTarget(word, word) for word in words]
        wrong = hosts.one_host(found, options) if hosts.files_root(options) is not None else []
        chosen = only(options.only, None, wrong)
        return found, wrong, "", chosen
    compilation, wrong = hosts.compiled(options, paths, {})
    if has_errors(wrong):
        return [], wrong, "", None
    made, wrong = hosts.program(compilation)
    if made is None:
        return [], wrong, "", None
    targets, unclear = hosts.targets(words, replace(options, only=()), made)
    chosen = only(options.only, made, [], beside=True)
    return ([], unclear, "", None) if has_errors(unclear) else (targets, [], made.project, chosen)


def _would(result: HostResult) -> Iterator[str]:
    yield f"{safe(result.target.name)}:{''.join(f' {safe(note)}' for note in result.notes)}"
    for vm in () if result.plan is None else result.plan.vms:
        yield f"  {safe(vm.name)}: {WORDS[vm.action]}"
        yield from details(vm, style(colours(sys.stdout)))
    yield from () if result.files is None else files_text(result.files)


def _plain(result: HostResult) -> dict[str, object]:
    vms = () if result.plan is None else result.plan.vms
    return plain(result) | {"actions": [{"name": vm.name, "action": WORDS[vm.action]} for vm in vms]}


COMMAND = Command(Rollback, run)
