"""Carries out the moves of a plan, after all else: both hosts are locked and looked at anew, and each has its journal."""

from __future__ import annotations

import contextlib

from vmspec.base.record import replace
from vmspec.deploy.apply import Outcome, Watch, Work, before
from vmspec.deploy.binding import HostError, Refused
from vmspec.deploy.calls import GivenUp
from vmspec.deploy.journal import Journal, next_number
from vmspec.deploy.moving import Move, journal_of_old
from vmspec.deploy.planning import plan_of
from vmspec.deploy.steps import Ended, JournalHead
from vmspec.deploy.store import held
from vmspec.deploy.target import HostResult, HostTarget, Settings
from vmspec.plan.mode import PlanMode
from vmspec.plan.verdict import VmPlan


def with_moves(result: HostResult, settings: Settings, watch: Watch) -> HostResult:
    """With the VMs that come from other hosts, one after the other; none once the host has failed, or somebody has asked us to end."""
    moves = [] if result.plan is None or result.error is not None else [vm for vm in result.plan.vms if vm.move is not None]
    outcomes: list[Outcome] = []
    for vm in moves:
        if settings.patience.stop.asked:
            outcomes.append(Outcome(vm.name, error="asked to end before it was moved", begun=False))
            continue
        watch.expect(1)
        outcomes.append(_moved(result.target, vm, settings, watch))
        watch.done(f"{vm.name} {'failed' if outcomes[-1].error else 'moved'}")
    return replace(result, outcomes=(*result.outcomes, *outcomes)) if outcomes else result


def _moved(target: HostTarget, vm: VmPlan, settings: Settings, watch: Watch) -> Outcome:
    assert vm.move is not None
    uri = vm.move.uri
    settings.neighbours.forget()
    try:
        with contextlib.ExitStack() as stack:
            # In one order, so that two deploys do not wait for one another.
            hosts = {
                each: stack.enter_context(held(each, settings.state_dir, settings.lock_timeout, settings.patience))
                for each in sorted((target.uri, uri))
            }
            (host, store, history), (there, old, _) = hosts[target.uri], hosts[uri]
            plan = plan_of(target, host, history, replace(settings, files_root=None), vm.uuid)
            again = next((each for each in plan.vms if each.name == vm.name), None)
            if again is None or again.move is None or again.move.uri != uri:
                raise Refused("it is no longer where it was when the plan was made: run the command again")
            project, kind = settings.wishes.project, PlanMode.DEPLOY.value
            journal = Journal(store.folder, next_number(store.folder), JournalHead(kind, target.uri, target.name, project))
            stack.enter_context(contextlib.closing(journal))
            other = stack.enter_context(journal_of_old(old.folder, JournalHead(kind, uri, vm.move.host, project), again, target.name))
            journal.write(replace(before(again), moved_from=vm.move.host))
            outcome = Move(again, Work(host, journal, settings.options, watch), there, other).carry_out()
            journal.write(Ended(outcome.ok))
            return outcome
    except HostError as error:
        return Outcome(vm.name, error=error.diagnostic.message)
    except (Refused, GivenUp, OSError) as error:
        return Outcome(vm.name, error=str(error))
