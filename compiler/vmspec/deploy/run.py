"""Hosts: each is locked, connected to, looked at, planned for and, where asked, changed; several at once within limits."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.json_text import Json
from vmspec.base.record import replace
from vmspec.deploy import codes, filesback, hostfiles, secrets
from vmspec.deploy.apply import DeployOptions, Outcome, Watch, Work
from vmspec.deploy.besides import looked_into, marked, with_layers
from vmspec.deploy.binding import HostError, Refused, libvirt
from vmspec.deploy.calls import AGAIN, GivenUp, Patience
from vmspec.deploy.chains import Looker
from vmspec.deploy.condition import conditions
from vmspec.deploy.host import HostConnection, absent, connected
from vmspec.deploy.journal import History, Journal, next_number
from vmspec.deploy.lines import JournalLine
from vmspec.deploy.neighbours import Neighbours, Other
from vmspec.deploy.otherfiles import PlaceFinder
from vmspec.deploy.presence import presence
from vmspec.deploy.rootfs import Root
from vmspec.deploy.stop import Stop
from vmspec.deploy.store import held, store_of
from vmspec.lower.fleet import HostObject
from vmspec.plan.change import SourcePlace
from vmspec.plan.changes import made
from vmspec.plan.file_uses import HostPlaces
from vmspec.plan.files import FilesPlan
from vmspec.plan.moves import NOTHING_SEEN
from vmspec.plan.needs import NOT_LOOKED, needs
from vmspec.plan.plan import plan_host
from vmspec.plan.stale import what_changed
from vmspec.plan.state import Actual, Desired, Platform
from vmspec.plan.verdict import Action, HostPlan, PlanOptions


@dataclass(frozen=True)
class HostTarget:
    """One libvirt and what is wanted of it."""

    name: str
    """As the person called it."""
    uri: str
    vms: tuple[Desired, ...] = ()
    host: HostObject | None = None
    where: PlaceFinder = lambda host, paths: SourcePlace()
    """Of the host's settings."""
    elsewhere: frozenset[str] = frozenset()
    """UUIDs and names of VMs of the program that belong to other hosts, where that may be this libvirt too."""
    placed: Mapping[str, tuple[str, Desired]] = field(default_factory=dict)
    """VMs of the program that are placed on other hosts, by UUID, with the host."""
    others: tuple[Other, ...] = ()
    """The other hosts of the program that can be looked at."""
    shared: tuple[str, ...] = ()
    """Paths of the host whose data other hosts see too."""
    trial: bool = False
    """It is no host of the program."""


@dataclass(frozen=True)
class Settings:
    """Of one call."""

    wishes: PlanOptions
    state_dir: str | None = None
    lock_timeout: float = 0.0
    patience: Patience = field(default_factory=Patience)
    """With calls of libvirt."""
    options: DeployOptions = field(default_factory=DeployOptions)
    files_root: str | None = None
    """Where the files of the host are planned and written; None: not at all."""
    run_commands: bool = False
    to: int | None = None
    """Of a rollback: the deploy that it goes back to; None: to the one before the last."""
    keep_files: bool = False
    """Of a rollback: files that the deploy changed are not to be brought back."""
    neighbours: Neighbours = field(default_factory=Neighbours)
    expected: Mapping[str, Json] | None = None
    """Of a saved plan: by target what it says."""
    secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Values for secrets of libvirt, by the name that the program has for them."""


@dataclass(frozen=True)
class HostResult:
    """What became of one host."""

    target: HostTarget
    plan: HostPlan | None = None
    outcomes: tuple[Outcome, ...] = ()
    commands: tuple[str, ...] = ()
    failed_commands: tuple[str, ...] = ()
    error: Diagnostic | None = None
    files: FilesPlan | None = None
    """What was to be done to the files of the host."""
    journal: Path | None = None
    """Of a rollback that is whole, until the person has been told."""
    warnings: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()
    """For people: from which deploy to which a rollback went."""
    files_left: tuple[str, ...] = ()
    """Roots whose files the deploy changed, and the rollback did not."""

    @property
    def ok(self) -> bool:
        refused = self.plan is not None and bool(self.plan.refused)
        return self.error is None and not refused and not self.failed_commands and all(outcome.ok for outcome in self.outcomes)


# -------------------------------------------------------------------------------------------------------- plan


def planned(target: HostTarget, settings: Settings) -> HostResult:
    """Reads and changes nothing."""
    try:
        if absent(target.uri):
            return HostResult(target, _fresh(plan_of(target, None, History(), settings), target, settings))
        with connected(target.uri, change=False, patience=settings.patience) as host:
            history = store_of(settings.state_dir, host).history()
            plan = _fresh(plan_of(target, host, history, settings), target, settings)
            return HostResult(target, plan, warnings=tuple(history.warnings))
    except HostError as error:
        return HostResult(target, error=error.diagnostic)
    except (Refused, OSError) as error:
        return HostResult(target, error=Diagnostic(codes.NO_CONNECTION, f"{target.uri}: {error}"))


def plan_of(target: HostTarget, host: HostConnection | None, history: History, settings: Settings, also: str | None = None) -> HostPlan:
    """`also`: the UUID of a VM that is looked for elsewhere in any case."""
    wishes = replace(
        settings.wishes,
        interrupted=history.interrupted(),
        elsewhere=target.elsewhere,
        placed={uuid: host for uuid, (host, _) in target.placed.items()},
        trial=target.trial,
    )
    ours = frozenset(name for vm in target.vms for name in (vm.name, vm.uuid) if name is not None)
    actual = [] if host is None else settled(host, wishes.interrupted, ours)
    platform = Platform() if host is None else _platform(host, target)
    plan = plan_host(target.name, target.uri, target.vms, actual, history, wishes, platform)
    seen = actual if host is None else _looked_into(host, plan, actual, history)
    asked = _to_look_for(plan, actual, target, history, wishes, also) if target.others else {}
    if asked:
        wishes = replace(wishes, seen=settings.neighbours.look(host, target.shared, target.others, asked))
    if wishes.seen != NOTHING_SEEN or any(one is not other for one, other in zip(seen, actual, strict=True)):
        plan = plan_host(target.name, target.uri, target.vms, seen, history, wishes, platform)
    plan = secrets.with_secrets(plan, target.vms, host, settings.secrets)
    if settings.files_root is None or target.host is None:
        return plan
    return plan.with_files(hostfiles.plan(target.host, Root(settings.files_root), target.where))


def _to_look_for(
    plan: HostPlan, actual: Sequence[Actual], target: HostTarget, history: History, wishes: PlanOptions, also: str | None
) -> dict[str, Desired]:
    """By UUID, what another host may have and must not be had twice: what is to be made or started, what a killed deploy may have been
    moving, and what is placed elsewhere and would be pruned."""
    newest = next(history.entries(), None)
    cut_off = newest is not None and not newest.ended
    begins = {
        vm.uuid: vm.desired
        for vm in plan.vms
        if vm.action is Action.CREATE
        or vm.start
        or (cut_off and not vm.running)
        or (vm.actual is None and vm.name in wishes.renames.values())
        or (also is not None and vm.uuid == also)
    }
    asked = {uuid: wanted for uuid, wanted in begins.items() if uuid is not None and wanted is not None}
    left = {each.uuid for each in actual} if wishes.prune else set()
    return asked | {uuid: wanted for uuid, (_, wanted) in target.placed.items() if uuid in left}


def _platform(host: HostConnection, target: HostTarget) -> Platform:
    looker = Looker(host)
    wanted = [need for vm in target.vms for need in needs(vm.domain)]
    return Platform(
        host.version, host.cpus, HostPlaces(host.variables, looker.real, looker.exists), presence(host, wanted) if wanted else NOT_LOOKED
    )


def _looked_into(host: HostConnection, plan: HostPlan, actual: list[Actual], history: History) -> list[Actual]:
    """With what the host keeps besides definitions of those domains to which something would be done."""
    seen: dict[str, Actual] = {}
    for vm in plan.vms:
        there = vm.actual
        if there is None or not (vm.due or vm.live or vm.pending):
            continue
        leaves = vm.action is Action.PRUNE
        seen[there.uuid] = looked_into(host, vm.desired, there, vm.restart or leaves)
        if leaves and made(history, there) is None:
            seen[there.uuid] = with_layers(host, seen[there.uuid])
    return [seen.get(each.uuid, each) for each in actual]


def settled(host: HostConnection, interrupted: Iterable[str], wanted: frozenset[str] = frozenset()) -> list[Actual]:
    """All domains; of a guest whose power was perhaps being cut when we were killed it is first waited for what became of it."""
    for uuid in sorted(interrupted):
        host.settle(uuid)
    known = conditions(host)
    return marked(host, [replace(each, condition=known.get(each.uuid, "")) for each in host.domains(wanted)])


# ------------------------------------------------------------------------------------------------------ deploy


def deployed(target: HostTarget, settings: Settings, watch: Watch) -> HostResult:
    """The plan made anew under the lock, and carried out."""
    plan: HostPlan | None = None
    try:
        libvirt()  # where it is missing, nothing is made
        with held(target.uri, settings.state_dir, settings.lock_timeout, settings.patience) as (host, store, history):
            plan = _fresh(plan_of(target, host, history, settings), target, settings)
            result = _carried_out(plan, target, host, history, store.folder, settings, watch)
            return replace(result, warnings=tuple(history.warnings))
    except HostError as error:
        return HostResult(target, plan, error=error.diagnostic)
    except (Refused, OSError) as error:
        return HostResult(target, plan, error=Diagnostic(codes.VM_FAILED, f"{target.uri}: {error}"))


def _fresh(plan: HostPlan, target: HostTarget, settings: Settings) -> HostPlan:
    """The same; refused where it is another one than was saved."""
    if settings.expected is None:
        return plan
    saved = settings.expected.get(target.name)
    if not isinstance(saved, dict) or saved.get("fingerprint") != plan.fingerprint:
        what = what_changed(saved, plan)
        message = f"the saved plan for {target.name} is out of date: the sources or the host have changed{what and ': '}{what}"
        raise HostError(codes.STALE_PLAN, message, "make a new plan")
    return plan


def _carried_out(
    plan: HostPlan, target: HostTarget, host: HostConnection, history: History, folder: Path, settings: Settings, watch: Watch
) -> HostResult:
    newest = next(history.entries(), None)
    if not plan.due_here and (newest is None or newest.ended):
        return HostResult(target, plan)
    head: JournalLine = {"kind": "deploy", "uri": target.uri, "target": target.name, "project": settings.wishes.project}
    journal = Journal(folder, next_number(folder), head)
    try:
        work = Work(host, journal, settings.options, watch)
        values = secrets.set_values(plan.secrets, host, settings.secrets, journal)
        outcomes = work.carry_out(plan)
        moved = {outcome.name for outcome in outcomes if outcome.moved}
        with contextlib.suppress(GivenUp):
            if moved and settings.expected is None:
                # A guest may have ended in between, or somebody else have been at work: once more, from what is there now.
                anew = plan_of(target, host, History(folder), settings)
                rest = replace(anew, vms=tuple(vm for vm in anew.vms if vm.name in moved))
                again = {outcome.name: outcome for outcome in work.carry_out(rest)}
                outcomes = [_after(outcome, again.get(outcome.name)) if outcome.moved else outcome for outcome in outcomes]
        result = HostResult(target, plan, (*values, *outcomes), files=plan.files)
        left = left_early(result, host, settings)
        if left is not None:
            journal.write([{"step": "left", "why": left.message}])
            return replace(result, error=left)
        result = with_files(result, settings, journal)
        if result.error is None:
            journal.write([{"step": "end", "ok": result.ok}])
    finally:
        journal.close()
    return result


def left_early(result: HostResult, host: HostConnection, settings: Settings) -> Diagnostic | None:
    """Why a host is left before all is done: it no longer answers, or somebody has asked us to end. The deploy is then unfinished."""
    if host.calls.over is not None:
        return host.calls.over
    by = settings.patience.stop.by
    more = not result.ok or bool(result.files and result.files.due)
    return (
        Diagnostic(codes.INTERRUPTED, f"{result.target.name} was left before all was done: {by.name}", help=AGAIN) if by and more else None
    )


def _after(first: Outcome, second: Outcome | None) -> Outcome:
    """What became of a domain that was planned for twice, since it was no longer what the first plan was made for."""
    if second is None:
        return replace(first, error=None, moved=False)
    return replace(second, done=(*first.done, *second.done))


def with_files(result: HostResult, settings: Settings, journal: Journal) -> HostResult:
    """The same after the host's files have been done; a failure there leaves what was done to domains in the report."""
    if result.files is None or settings.files_root is None:
        return result
    root = Root(settings.files_root)
    try:
        if result.files.due:
            journal.write([filesback.before(result.files, root)])
        commands, failed = hostfiles.carry_out(result.files, root, settings.run_commands)
    except HostError as error:
        return replace(result, error=error.diagnostic)
    return replace(result, commands=() if settings.run_commands else tuple(commands), failed_commands=tuple(failed))


# ------------------------------------------------------------------------------------------------------- hosts


def on_all(
    targets: Sequence[HostTarget],
    work: Callable[[HostTarget], HostResult],
    parallel: int,
    max_failures: int | None = None,
    stop: Stop | None = None,
) -> list[HostResult]:
    """In the order of the targets. Once so many have failed, no further one is begun; those under way are finished."""
    stop = stop or Stop()
    failures = 0
    lock = threading.Lock()
    one_at_a_time = {target.uri: threading.Lock() for target in targets}

    def one(target: HostTarget) -> HostResult:
        with one_at_a_time[target.uri]:
            return begun(target)

    def begun(target: HostTarget) -> HostResult:
        nonlocal failures
        with lock:
            if max_failures is not None and failures >= max_failures:
                return HostResult(target, error=Diagnostic(codes.VM_FAILED, f"{target.name} was not begun: {failures} failed before it"))
        if stop.asked:
            return HostResult(target, error=Diagnostic(codes.INTERRUPTED, f"{target.name} was not begun: asked to end before it"))
        result = work(target)
        if not result.ok:
            with lock:
                failures += 1
        return result

    if len(targets) == 1 or parallel <= 1:
        return [one(target) for target in targets]
    with ThreadPoolExecutor(max_workers=parallel) as pool:
        return list(pool.map(one, targets))
