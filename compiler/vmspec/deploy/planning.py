"""One host's plan: looks at the host and at what is known of it, and asks the planner, for a deploy or for a rollback. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import assert_never

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.record import replace
from vmspec.deploy import codes, hostfiles, secrets, seeds
from vmspec.deploy.besides import looked_into, marked, with_layers
from vmspec.deploy.binding import HostError, Refused
from vmspec.deploy.chains import Looker
from vmspec.deploy.condition import conditions
from vmspec.deploy.host import HostConnection, absent, connected
from vmspec.deploy.journal import History
from vmspec.deploy.past import Return, way_back
from vmspec.deploy.presence import presence
from vmspec.deploy.rootfs import Root
from vmspec.deploy.store import store_of, store_without
from vmspec.deploy.target import HostResult, HostTarget, Settings
from vmspec.plan.file_uses import HostPlaces
from vmspec.plan.mode import PlanMode
from vmspec.plan.moves import NOTHING_SEEN
from vmspec.plan.needs import NOT_LOOKED, needs
from vmspec.plan.plan import plan_host
from vmspec.plan.restore import plan_back
from vmspec.plan.stale import what_changed
from vmspec.plan.state import Actual, Desired, Platform, last_deploy
from vmspec.plan.verdict import Action, HostPlan, PlanOptions


def planned(target: HostTarget, settings: Settings) -> HostResult:
    """The plan of a host. A libvirt whose root is not there yet holds nothing."""
    try:
        if absent(target.uri):
            history = _known(target, settings)
            return result_of(target, fresh(plan_of(target, None, history, settings), target, settings), history)
        with connected(target.uri, change=False, patience=settings.patience) as host:
            history = store_of(settings.state_dir, host).history()
            return result_of(target, fresh(plan_of(target, host, history, settings), target, settings), history)
    except HostError as error:
        return HostResult(target, error=error.diagnostic)
    except (Refused, OSError) as error:
        return HostResult(target, error=Diagnostic(codes.NO_CONNECTION, f"{target.uri}: {error}"))


def _known(target: HostTarget, settings: Settings) -> History:
    """Of a root that is gone a deploy knows nothing; a rollback says what it was."""
    known = store_without(settings.state_dir, target.uri) if settings.wishes.mode is PlanMode.ROLLBACK else None
    return History() if known is None else known.history()


def result_of(target: HostTarget, plan: HostPlan, history: History) -> HostResult:
    """What there is to say before anything is done."""
    notes = (plan.route,) if plan.route else ()
    return HostResult(
        target, plan, files=plan.files if plan.mode is PlanMode.ROLLBACK else None, warnings=tuple(history.warnings), notes=notes
    )


def fresh(plan: HostPlan, target: HostTarget, settings: Settings) -> HostPlan:
    """The same; refused where it is another one than was saved."""
    if settings.expected is None:
        return plan
    saved = settings.expected.get(target.name)
    if not isinstance(saved, dict) or saved.get("fingerprint") != plan.fingerprint:
        what = what_changed(saved, plan)
        message = f"the saved plan for {target.name} is out of date: the sources or the host have changed{what and ': '}{what}"
        raise HostError(codes.STALE_PLAN, message, "make a new plan")
    return plan


def plan_of(target: HostTarget, host: HostConnection | None, history: History, settings: Settings, also: str | None = None) -> HostPlan:
    """`also`: the UUID of a VM that is looked for elsewhere in any case."""
    wishes = replace(settings.wishes, interrupted=history.interrupted())
    match wishes.mode:
        case PlanMode.DEPLOY:
            return _forth(target, host, history, replace(settings, wishes=wishes), also)
        case PlanMode.ROLLBACK:
            return _back(target, host, history, replace(settings, wishes=wishes))
        case _:
            assert_never(wishes.mode)


def _forth(target: HostTarget, host: HostConnection | None, history: History, settings: Settings, also: str | None) -> HostPlan:
    """Towards the program."""
    placed = {uuid: host for uuid, (host, _) in target.placed.items()}
    wishes = replace(settings.wishes, elsewhere=target.elsewhere, placed=placed, trial=target.trial)
    ours = frozenset(name for vm in target.vms for name in (vm.name, vm.uuid) if name is not None)
    actual = [] if host is None else _settled(host, wishes.interrupted, ours)
    platform = Platform() if host is None else _platform(host, target)
    plan = plan_host(target.name, target.uri, target.vms, actual, history, wishes, platform)
    seen = actual if host is None else _looked_into(host, plan, actual, history)
    asked = _to_look_for(plan, actual, target, history, wishes, also) if target.others else {}
    if asked:
        wishes = replace(wishes, seen=settings.neighbours.look(host, target.shared, target.others, asked))
    if wishes.seen != NOTHING_SEEN or _is_more(seen, actual):
        plan = plan_host(target.name, target.uri, target.vms, seen, history, wishes, platform)
    plan = seeds.with_seeds(plan, host)
    plan = secrets.with_secrets(plan, target.vms, host, settings.secrets)
    if settings.files_root is None or target.host is None:
        return plan
    return plan.with_files(hostfiles.plan(target.host, Root(settings.files_root), target.where))


def _back(target: HostTarget, host: HostConnection | None, history: History, settings: Settings) -> HostPlan:
    """Back to what the journal says was there before."""
    way = undoing(target, history, settings)
    before = [] if host is None else way.before(settings.wishes.only)
    names = frozenset(name for each in before for name in (each.name, each.uuid) if name)
    actual = [] if host is None or not way.entries else _settled(host, settings.wishes.interrupted, names)
    platform = Platform() if host is None else Platform(host.version)
    plan = plan_back(target.name, target.uri, before, actual, history, settings.wishes, platform)
    seen = actual if host is None else _looked_into(host, plan, actual, history)
    if _is_more(seen, actual):
        plan = plan_back(target.name, target.uri, before, seen, history, settings.wishes, platform)
    plan = replace(plan, undoes=tuple(entry.number for entry in way.entries), route=way.text)
    files = None if settings.files_root is None else hostfiles.plan_back(way.files, Root(settings.files_root))
    return plan if files is None else plan.with_files(files)


def undoing(target: HostTarget, history: History, settings: Settings) -> Return:
    """The deploys that a rollback undoes; refused where files that they changed would be forgotten."""
    way = way_back(history, settings.to, *whose(target, settings))
    other = next((root for root in way.roots if root != settings.files_root), None)
    if other is not None and not settings.keep_files:
        help = f"bring them back too, with {'--host-files' if other == '/' else f'--root {other}'}, or leave them with --keep-files"
        raise HostError(codes.BAD_CALL, f"that deploy changed files below {other} too", help)
    return way


def whose(target: HostTarget, settings: Settings) -> tuple[str | None, str]:
    """Of the host and the project that a program names; without a program whatever was deployed."""
    project = settings.wishes.project
    return (target.name if project else None), project


# ------------------------------------------------------------------------------------------------------- looking


def _settled(host: HostConnection, interrupted: Iterable[str], wanted: frozenset[str] = frozenset()) -> list[Actual]:
    """All domains; of a guest whose power was perhaps being cut when we were killed it is first waited for what became of it."""
    for uuid in sorted(interrupted):
        host.settle(uuid)
    known = conditions(host)
    return marked(host, [replace(each, condition=known.get(each.uuid, "")) for each in host.domains(wanted)])


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
        leaves = vm.action is Action.PRUNE
        if there is None or not (vm.due or vm.live or vm.pending) or (leaves and plan.mode is PlanMode.ROLLBACK):
            continue
        seen[there.uuid] = looked_into(host, vm.domain if vm.desired is None else vm.desired.domain, there, vm.restart or leaves)
        if leaves and last_deploy(history, there).made is None:
            seen[there.uuid] = with_layers(host, seen[there.uuid])
    return [seen.get(each.uuid, each) for each in actual]


def _is_more(seen: Sequence[Actual], actual: Sequence[Actual]) -> bool:
    """Whether a closer look has found anything."""
    return any(one is not other for one, other in zip(seen, actual, strict=True))


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
