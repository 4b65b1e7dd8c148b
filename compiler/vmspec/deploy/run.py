"""One host, deployed to or rolled back: the plan made anew under the host's lock, with a journal, and carried out."""

from __future__ import annotations

import contextlib
from pathlib import Path

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.record import replace
from vmspec.deploy import codes, hostfiles, secrets
from vmspec.deploy.apply import Outcome, Watch, Work
from vmspec.deploy.binding import HostError, Refused, libvirt
from vmspec.deploy.calls import AGAIN, GivenUp
from vmspec.deploy.host import HostConnection, absent
from vmspec.deploy.journal import History, Journal, file_of, next_number
from vmspec.deploy.past import unreported
from vmspec.deploy.planning import fresh, plan_of, planned, result_of, undoing, whose
from vmspec.deploy.rootfs import Root
from vmspec.deploy.runtime import runtime_of_files
from vmspec.deploy.steps import Ended, JournalHead, LeftEarly, NotWhole
from vmspec.deploy.store import Store, held, store_without
from vmspec.deploy.target import HostResult, HostTarget, Settings
from vmspec.plan.files import FileAction
from vmspec.plan.mode import PlanMode
from vmspec.plan.verdict import Action, HostPlan


def deployed(target: HostTarget, settings: Settings, watch: Watch) -> HostResult:
    """What became of a host."""
    plan: HostPlan | None = None
    back = settings.wishes.mode is PlanMode.ROLLBACK
    try:
        if back and absent(target.uri):
            return planned(target, settings)
        libvirt()  # where it is missing, nothing is made
        known = store_without(settings.state_dir, target.uri) if back else None
        if known is not None:
            undoing(target, known.history(), settings)  # else a lock is made for nothing
        with held(target.uri, settings.state_dir, settings.lock_timeout, settings.patience) as (host, store, history):
            plan = fresh(plan_of(target, host, history, settings), target, settings)
            begun = result_of(target, plan, history)
            if back and not plan.undoes:
                whole = unreported(history, *whose(target, settings))
                return replace(begun, journal=None if whole is None else file_of(store.folder, whole.number))
            result = _carried_out(begun, plan, host, history, store, settings, watch)
            return replace(result, warnings=tuple(history.warnings))
    except HostError as error:
        return HostResult(target, plan, error=error.diagnostic)
    except (Refused, OSError) as error:
        return HostResult(target, plan, error=Diagnostic(codes.VM_FAILED, f"{target.uri}: {error}"))


def _carried_out(
    begun: HostResult, plan: HostPlan, host: HostConnection, history: History, store: Store, settings: Settings, watch: Watch
) -> HostResult:
    newest = next(history.entries(), None)
    if plan.mode is PlanMode.DEPLOY and not plan.due_here and (newest is None or newest.ended):
        return begun
    journal = Journal(store.folder, next_number(store.folder), _head(plan, begun.target, history, settings))
    with contextlib.closing(journal):
        work = Work(host, journal, settings.options, watch, plan.mode)
        values = secrets.set_values(plan.secrets, host, settings.secrets, journal)
        outcomes = _every(plan, _again_where_moved(begun.target, plan, work, store.folder, settings))
        result = replace(begun, outcomes=(*values, *outcomes), files=plan.files)
        if plan.mode is PlanMode.ROLLBACK:
            left = tuple(root for root in undoing(begun.target, history, settings).roots if root != settings.files_root)
            result = replace(result, files_left=left, journal=file_of(store.folder, journal.number))
        waiting = _left_early(result, host, settings)
        if waiting is not None:
            journal.write(LeftEarly(waiting.message))
            return replace(result, error=waiting)
        result = _with_probes(_with_files(result, settings, journal), plan.mode, settings)
        # A deploy ends as it may. A rollback that is not whole is no end: the next one does it again.
        if plan.mode is PlanMode.ROLLBACK:
            journal.write(Ended(ok=True) if result.ok else NotWhole())
        elif result.error is None:
            journal.write(Ended(result.ok))
    return result


def _head(plan: HostPlan, target: HostTarget, history: History, settings: Settings) -> JournalHead:
    project = settings.wishes.project
    if plan.mode is PlanMode.DEPLOY:
        return JournalHead(plan.mode.value, target.uri, target.name, project)
    newest = history.entry(plan.undoes[0])
    # A part of a deploy that has been undone leaves the rest of it to be undone.
    of = plan.undoes if settings.wishes.only is None else ()
    return JournalHead(plan.mode.value, target.uri, newest.target, project or newest.project, of)


def _again_where_moved(target: HostTarget, plan: HostPlan, work: Work, folder: Path, settings: Settings) -> list[Outcome]:
    """A guest may have ended in between, or somebody else have been at work: once more, from what is there now."""
    outcomes = work.carry_out(plan)
    moved = {outcome.name for outcome in outcomes if outcome.moved}
    with contextlib.suppress(GivenUp):
        if moved and settings.expected is None:
            anew = plan_of(target, work.host, History(folder), settings)
            rest = replace(anew, vms=tuple(vm for vm in anew.vms if vm.name in moved))
            again = {outcome.name: outcome for outcome in work.carry_out(rest)}
            return [_after(outcome, again.get(outcome.name)) if outcome.moved else outcome for outcome in outcomes]
    return outcomes


def _after(first: Outcome, second: Outcome | None) -> Outcome:
    """What became of a domain that was planned for twice, since it was no longer what the first plan was made for."""
    if second is None:
        return replace(first, error=None, moved=False)
    return replace(second, done=(*first.done, *second.done))


def _every(plan: HostPlan, outcomes: list[Outcome]) -> list[Outcome]:
    """A rollback tells of every domain that the deploy was about, also of those that it leaves as they are."""
    if plan.mode is PlanMode.DEPLOY:
        return outcomes
    due = iter(outcomes)
    return [next(due) if vm.due and vm.action is not Action.REFUSE else Outcome(vm.name, error=vm.reason or None) for vm in plan.vms]


def _left_early(result: HostResult, host: HostConnection, settings: Settings) -> Diagnostic | None:
    """Why a host is left before all is done: it no longer answers, or somebody has asked us to end. The deploy is then unfinished."""
    if host.calls.over is not None:
        return host.calls.over
    by = settings.patience.stop.by
    more = not result.ok or bool(result.files and result.files.due)
    return (
        Diagnostic(codes.INTERRUPTED, f"{result.target.name} was left before all was done: {by.name}", help=AGAIN) if by and more else None
    )


def _with_files(result: HostResult, settings: Settings, journal: Journal) -> HostResult:
    """The same after the host's files have been done; a failure there leaves what was done to domains in the report."""
    if result.files is None or settings.files_root is None:
        return result
    root = Root(settings.files_root)
    try:
        if result.files.due:
            journal.write(hostfiles.before(result.files, root))
        commands, failed = hostfiles.carry_out(result.files, root, settings.run_commands)
    except HostError as error:
        return replace(result, error=error.diagnostic)
    return replace(result, commands=() if settings.run_commands else tuple(commands), failed_commands=tuple(failed))


def _with_probes(result: HostResult, mode: PlanMode, settings: Settings) -> HostResult:
    """The same with what the running host made of the files; only where their commands were run on it."""
    if mode is PlanMode.ROLLBACK or result.error or settings.files_root != "/" or not settings.run_commands:
        return result
    if result.files is None or result.target.host is None:
        return result
    changed = frozenset(step.path for step in result.files.steps if step.action is not FileAction.REMOVE)
    try:
        return replace(result, probed=runtime_of_files(result.target.host, changed))
    except HostError as error:
        return replace(result, error=error.diagnostic)
