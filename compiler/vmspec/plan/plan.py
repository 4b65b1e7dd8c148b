"""Desired, last applied and actual → what is to be done to a host: pure, and the same every time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vmspec.plan.apart import apart
from vmspec.plan.besides import besides_notes
from vmspec.plan.change import Effect
from vmspec.plan.changes import config_changes, running_changes
from vmspec.plan.fingerprint import fingerprint
from vmspec.plan.images import layered_images, other_images, with_images
from vmspec.plan.lacks import with_lacks
from vmspec.plan.naming import with_free_names
from vmspec.plan.one_place import in_one_place
from vmspec.plan.power import powered
from vmspec.plan.preserve import keeping_identity, keeping_variables, kept
from vmspec.plan.renamed import alike
from vmspec.plan.secrets import keeping_passwords
from vmspec.plan.state import Actual, AppliedState, Desired, LastDeploy, Platform, last_deploy
from vmspec.plan.unfinished import with_unfinished
from vmspec.plan.variables import variables_left
from vmspec.plan.verdict import Action, HostPlan, Leaving, PlanOptions, VmPlan


def plan_host(
    target: str,
    uri: str,
    desired: Sequence[Desired],
    actual: Sequence[Actual],
    memory: AppliedState,
    wishes: PlanOptions,
    platform: Platform,
) -> HostPlan:
    by_uuid = {each.uuid: each for each in actual}
    by_name = {each.name: each for each in actual}
    vms = [_vm(each, by_uuid, by_name, memory, wishes, platform) for each in desired]
    vms = with_free_names(vms, by_name)
    vms = [in_one_place(vm, memory, wishes, platform) for vm in vms]
    vms = [with_unfinished(powered(vm, wishes), wishes) for vm in vms]
    wanted = {vm.uuid for vm in vms if vm.uuid} | {vm.actual.uuid for vm in vms if vm.actual is not None} | wishes.elsewhere
    ours = [each for each in actual if not {each.uuid, each.name} & wanted and each.project() == wishes.project]
    left = [each for each in ours if wishes.only is None or wishes.only.fits(each.name)]
    leaving = [each for each in left if each.uuid in wishes.placed and not _has_arrived(each.uuid, wishes)]
    left = [each for each in left if each not in leaving]
    vms = [alike(vm, [each for each in ours if each.uuid not in wishes.placed], platform.places) for vm in vms]
    vms = [with_lacks(vm, platform, wishes.trial) for vm in apart(vms, actual, memory, wishes, platform)]
    pruned = [_pruned(each, memory, wishes, platform) for each in sorted(left, key=lambda each: each.name)] if wishes.prune else []
    foreign = sum(each.uuid not in wanted and each.project() != wishes.project for each in actual)
    unpruned = () if wishes.prune else tuple(sorted(each.name for each in left))
    every = (*vms, *pruned)
    gone = tuple(_leaving(each, wishes) for each in leaving)
    return HostPlan(target, uri, every, None, foreign, unpruned, fingerprint(every), gone)


def _leaving(there: Actual, wishes: PlanOptions) -> Leaving:
    cut_off = not there.running and there.uuid in wishes.interrupted
    return Leaving(there.name, there.running, wishes.placed[there.uuid], cut_off)


def _has_arrived(uuid: str, wishes: PlanOptions) -> bool:
    """Whether a VM that is placed on another host is there: what is left of it here may be pruned."""
    return any(each.host == wishes.placed[uuid] for each in wishes.seen.found.get(uuid, ()))


# ------------------------------------------------------------------------------------------------------ one VM


def _vm(
    wanted: Desired,
    by_uuid: Mapping[str, Actual],
    by_name: Mapping[str, Actual],
    memory: AppliedState,
    wishes: PlanOptions,
    platform: Platform,
) -> VmPlan:
    there, reason = _counterpart(wanted, by_uuid, by_name, wishes)
    if reason:
        return VmPlan(
            wanted.name, wanted.uuid, Action.REFUSE, reason=reason, actual=there, running=bool(there and there.running), desired=wanted
        )
    last = LastDeploy() if there is None else last_deploy(memory, there)
    wanted, reason = keeping_passwords(wanted, there)
    if reason:
        return VmPlan(wanted.name, wanted.uuid, Action.REFUSE, reason=reason, actual=there, running=bool(there and there.running))
    if there is None:
        return _new(wanted, wishes)
    renamed = there.name != wanted.name
    if wanted.imported or renamed:
        wanted = keeping_identity(wanted, there)
    if renamed:
        with_variables = keeping_variables(wanted, there, platform)
        if with_variables is None:
            return VmPlan(wanted.name, wanted.uuid, Action.REFUSE, reason=_LEFT.format(there.name), actual=there)
        wanted = with_variables
    imaged = with_images(wanted, there, last, wishes.discarded.get(wanted.name, frozenset()))
    wanted = imaged.wanted
    # The configuration of a transient guest is how it runs: nobody has changed it, it is gone.
    changes = tuple(config_changes(wanted, there, last, platform.version)) if there.persistent else ()
    live, pending = running_changes(wanted, there, memory, platform, changes, imaged.running)
    if changes or not there.persistent:
        wanted = kept(wanted, there.domain, last.made)
    action = Action.RENAME if renamed else Action.UPDATE if changes or not there.persistent else Action.NOTHING
    autostart = wanted.autostart if wanted.autostart is not None and wanted.autostart != there.autostart else None
    future = [c for c in changes if c.effect not in (Effect.LIVE, Effect.COSMETIC)]
    restart = wishes.restart and there.running and bool(pending or future)
    return VmPlan(
        wanted.name,
        there.uuid,
        action,
        changes,
        live,
        pending,
        there.running,
        autostart,
        start=not there.running and (wishes.start or there.uuid in wishes.interrupted),
        restart=restart and not there.besides.jobs,
        blocked=", ".join(there.besides.jobs) if restart else "",
        kept_passwords=tuple(dict.fromkeys(wanted.open.values())),
        old_name=there.name if renamed else None,
        kept=imaged.kept,
        notes=(*imaged.notes, *besides_notes(there.name, there.besides, bool(changes))),
        domain=wanted.domain,
        actual=there,
        desired=wanted,
    )


_LEFT = "the variables of its firmware lie in a file that is named after {0}, nobody knows where: say firmware.nvram.path = …/{0}_VARS.fd"


def _new(wanted: Desired, wishes: PlanOptions) -> VmPlan:
    autostart = True if wanted.autostart else None
    return VmPlan(wanted.name, wanted.uuid, Action.CREATE, autostart=autostart, start=wishes.start, domain=wanted.domain, desired=wanted)


def _counterpart(
    wanted: Desired, by_uuid: Mapping[str, Actual], by_name: Mapping[str, Actual], wishes: PlanOptions
) -> tuple[Actual | None, str]:
    """The domain that a VM is about, or why none may be touched."""
    same = by_uuid.get(wanted.uuid or "")
    namesake = by_name.get(wanted.name)
    if namesake is not None and namesake.uuid != wanted.uuid and wanted.name in wishes.renames:
        namesake = None  # it leaves the name
    old = next((old for old, new in wishes.renames.items() if new == wanted.name), None)
    if old is not None and same is None and old not in by_name and namesake is None and wanted.uuid in wishes.seen.found:
        return None, ""  # it comes from another host, and gets its new name on the way
    if old is not None and same is None:
        return namesake, _not_renamed(old, by_name.get(old))
    if same is not None and (other := same.project()) not in (None, wishes.project):
        return same, f"{same.name} has its UUID and is of project {other}: it is not touched"
    if same is not None and same.name == wanted.name:
        return same, ""
    if same is not None:
        if wishes.renames.get(same.name) != wanted.name:
            return same, f"it is called {same.name} there: say --rename {same.name}={wanted.name} if it is to be renamed"
        if namesake is not None:
            return same, f"{same.name} cannot be renamed: there is another {wanted.name} already"
        return same, _not_renamable(same)
    if namesake is None:
        return None, ""
    owner = namesake.project()
    if wanted.imported and owner in (None, wishes.project):
        return namesake, ""
    whose = "is not ours" if owner is None else f"is of project {owner}" if owner != wishes.project else "has another UUID"
    return namesake, f"a domain of that name is there and {whose} ({namesake.uuid}): it is not touched"


def _not_renamable(there: Actual) -> str:
    """Why libvirt would refuse (qemuDomainRename, src/qemu/qemu_driver.c 9.0.0)."""
    besides = there.besides
    if there.running:
        return f"{there.name} runs, and libvirt renames only what does not"
    has = "a saved state" if besides.saved else "snapshots" if besides.snapshots else "checkpoints" if besides.checkpoints else ""
    return f"{there.name} has {has}, and libvirt renames no domain that does" if has else ""


def _not_renamed(old: str, there: Actual | None) -> str:
    if there is None:
        return f"there is no {old} that could be renamed"
    return f"the {old} that is there has another UUID ({there.uuid}): it is not touched"


def _pruned(there: Actual, memory: AppliedState, wishes: PlanOptions, platform: Platform) -> VmPlan:
    stays = _stays(there, memory, wishes)
    if stays:
        return VmPlan(
            there.name,
            there.uuid,
            Action.REFUSE,
            reason=f"it is no longer in the program, but {stays}",
            running=there.running,
            actual=there,
        )
    if there.running and not wishes.prune_running:
        reason = "it is no longer in the program, but it runs: stop it, or say --prune-running"
        return VmPlan(there.name, there.uuid, Action.REFUSE, reason=reason, running=True, actual=there)
    notes = variables_left(there, platform.places)
    return VmPlan(there.name, there.uuid, Action.PRUNE, running=there.running, actual=there, notes=notes)


def _stays(there: Actual, memory: AppliedState, wishes: PlanOptions) -> str:
    """What a prune would lose, or libvirt refuses to lose (qemuDomainUndefineFlags, src/qemu/qemu_driver.c 9.0.0)."""
    besides = there.besides
    if besides.jobs:
        return f"{', '.join(besides.jobs)} is under way"
    if besides.saved:
        return f"it has a saved state: start it, or drop that with virsh managedsave-remove {there.name}"
    if besides.snapshots or besides.checkpoints:
        return f"it has the {'snapshots' if besides.snapshots else 'checkpoints'} {', '.join(besides.snapshots or besides.checkpoints)}"
    if layered := layered_images(there, memory, wishes.discarded.get(there.name, frozenset())):
        back = " ".join(f"--discard-overlay {there.name}:{target}" for target, _ in layered)
        text = " and ".join(f"{image} lies on another image ({target})" for target, image in layered)
        return f"{text}, and no journal of ours tells whether the program named it, or somebody has put it there: {back} removes it"
    if others := other_images(there, memory, wishes.discarded.get(there.name, frozenset())):
        back = " ".join(f"--discard-overlay {there.name}:{each.target}" for each in others)
        return f"it is on {' and on '.join(map(str, others))}, by hand: a VM made anew would not find that; {back} removes it all the same"
    return ""
