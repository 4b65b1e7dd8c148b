"""The plan of a rollback: each domain back to what it was before a deploy. Running guests go on as they are.

A definition comes back byte for byte, but for images that now lie on its own and for passwords of displays, which no journal holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vmspec.base.provenance import Path, show_path
from vmspec.base.record import record, replace
from vmspec.importing.host_domain import HostDefinition
from vmspec.plan.change import SourcePlace
from vmspec.plan.changes import config_changes
from vmspec.plan.fingerprint import fingerprint
from vmspec.plan.images import with_images
from vmspec.plan.mode import PlanMode
from vmspec.plan.naming import freeing_first, with_free_names
from vmspec.plan.preserve import with_passwords
from vmspec.plan.state import Actual, AppliedState, Desired, Platform, last_deploy
from vmspec.plan.verdict import Action, HostPlan, PlanOptions, VmPlan


@record(frozen=True)
class Before:
    """A domain as it was before a deploy; no definition where there was none."""

    name: str
    uuid: str
    definition: bytes | None
    autostart: bool = False
    running: bool = False
    passwords: frozenset[str] = frozenset()
    """The types of displays that had one; what they were is kept nowhere."""
    moved_from: str = ""
    """The host that it came from, where the deploy moved it here; nobody has it there now."""
    moved_to: str = ""
    """The host that the deploy moved it to."""


WORDS: Mapping[Action, str] = {
    Action.NOTHING: "nothing",
    Action.CREATE: "define",
    Action.UPDATE: "restore",
    Action.RENAME: "restore",
    Action.PRUNE: "undefine",
    Action.REFUSE: "refuse",
}
"""What a rollback calls what it does to a domain; it moves none."""


def plan_back(
    target: str,
    uri: str,
    before: Sequence[Before],
    actual: Sequence[Actual],
    memory: AppliedState,
    wishes: PlanOptions,
    platform: Platform,
) -> HostPlan:
    """`before` is what was there, with the UUID that the host gave since where it had none. What was made goes first, since it may have a
    name that another had."""
    by_uuid, by_name = {each.uuid: each for each in actual}, {each.name: each for each in actual}
    vms = [_vm(each, by_uuid.get(each.uuid), memory, wishes, platform) for each in before]
    vms = with_free_names(vms, by_name)
    made, others = [vm for vm in vms if vm.action is Action.PRUNE], [vm for vm in vms if vm.action is not Action.PRUNE]
    every = (*made, *freeing_first(others, lambda vm: vm.actual.name if vm.actual else "", lambda vm: vm.name))
    return HostPlan(target, uri, every, fingerprint=fingerprint(every), mode=PlanMode.ROLLBACK)


def _vm(before: Before, there: Actual | None, memory: AppliedState, wishes: PlanOptions, platform: Platform) -> VmPlan:
    plan = _towards(before, there, memory, platform)
    uuid = before.uuid or None
    reason = "" if plan.action is Action.NOTHING else _unable(before, there, wishes) or plan.reason
    if reason:
        return VmPlan(before.name, uuid, Action.REFUSE, reason=reason, running=plan.running, actual=there)
    # What we stopped does not stay so.
    stays = plan.action is not Action.PRUNE and (there is not None or plan.domain is not None)
    start = stays and before.uuid in wishes.interrupted and not plan.running
    return replace(plan, start=start) if start else plan


def _unable(before: Before, there: Actual | None, wishes: PlanOptions) -> str:
    """Why it stays as it is."""
    if before.moved_from:
        return f"a deploy moved it here from {before.moved_from}, where nobody has it now: set its place to that and deploy"
    if before.moved_to and there is None:
        return f"a deploy moved it to {before.moved_to}, which has it now: set its place back to this host and deploy"
    if before.definition is None and there is not None and there.running and not wishes.prune_running:
        return "the deploy created it and it runs: stop it, or say --prune-running"
    return ""


def _towards(before: Before, there: Actual | None, memory: AppliedState, platform: Platform) -> VmPlan:
    """What would make it as it was, whether or not that may be done; refused where a display would be left without its password."""
    uuid = before.uuid or None
    if before.definition is None:
        action = Action.NOTHING if there is None else Action.PRUNE
        return VmPlan(before.name, uuid, action, running=bool(there and there.running), actual=there)
    if there is not None and _is_as_it_was(before, there):
        return VmPlan(before.name, uuid, Action.NOTHING, running=there.running, actual=there)
    was = HostDefinition(before.definition).domain
    now = {} if there is None or there.passwords is None else there.passwords.inactive
    lost = sorted(before.passwords - now.keys())
    if lost:
        reason = f"its {lost[0]} display had a password, which is kept nowhere: deploy the older sources"
        return VmPlan(before.name, uuid, Action.REFUSE, reason=reason, running=bool(there and there.running), actual=there)
    wanted = Desired(before.name, uuid, with_passwords(was, now) if now else was, "", False, before.autostart, _nowhere)
    if there is None:
        spelling = before.definition if wanted.domain is was else None
        return VmPlan(before.name, uuid, Action.CREATE, autostart=before.autostart, domain=wanted.domain, spelling=spelling)
    last = last_deploy(memory, there)
    imaged = with_images(wanted, there, last, frozenset())
    domain = imaged.wanted.domain
    return VmPlan(
        before.name,
        uuid,
        Action.UPDATE if there.name == before.name else Action.RENAME,
        tuple(config_changes(imaged.wanted, there, last, platform.version)) if there.persistent else (),
        running=there.running,
        autostart=before.autostart if there.autostart != before.autostart else None,
        old_name=there.name if there.name != before.name else None,
        kept=imaged.kept,
        domain=domain,
        spelling=before.definition if domain is was else None,
        actual=there,
    )


def _is_as_it_was(before: Before, there: Actual) -> bool:
    return (there.inactive.data, there.name, there.autostart) == (before.definition, before.name, before.autostart)


def _nowhere(path: Path, is_set: bool) -> tuple[str, SourcePlace]:
    """No line of a source says what a journal does."""
    return show_path(path), SourcePlace()
