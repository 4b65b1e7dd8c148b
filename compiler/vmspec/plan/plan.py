"""Desired, last applied and actual → what is to be done to a host: pure, and the same every time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from hashlib import sha256

from vmspec.base.record import field, record, replace
from vmspec.base.unspoken import without_passwords
from vmspec.ingest.xml import NotXml
from vmspec.plan.change import Change, Effect
from vmspec.plan.changes import LiveStep, config_changes, made, running_changes
from vmspec.plan.files import FilesPlan
from vmspec.plan.keep import keeping_identity, keeping_variables, kept
from vmspec.plan.only import Only
from vmspec.plan.secrets import Doing, SecretPlan, keeping_passwords
from vmspec.plan.state import Actual, Desired, Memory, Platform


class Action(Enum):
    NOTHING = "nothing"
    CREATE = "create"
    UPDATE = "update"
    RENAME = "rename"
    PRUNE = "prune"
    REFUSE = "refuse"


@record(frozen=True)
class VmPlan:
    """What is to be done to one domain."""

    name: str
    uuid: str | None
    action: Action
    changes: tuple[Change, ...] = ()
    live: tuple[LiveStep, ...] = ()
    pending: tuple[Change, ...] = ()
    """What the running guest has otherwise, until it is restarted."""
    running: bool = False
    autostart: bool | None = None
    """To be set to this; None: it stays."""
    start: bool = False
    restart: bool = False
    old_name: str | None = None
    reason: str = ""
    """Of a refusal."""
    xml: bytes = b""
    """The definition that is to be."""
    actual: Actual | None = None
    desired: Desired | None = field(default=None, compare=False)
    kept_passwords: tuple[str, ...] = ()
    """Parameters that were not given: the displays keep the passwords that they have."""
    lacks: tuple[str, ...] = ()
    """Secrets of libvirt that it names and that the host has not, or has no value of: it is neither started nor restarted."""

    @property
    def due(self) -> bool:
        """Whether there is something to do."""
        acts = self.action not in (Action.NOTHING, Action.REFUSE) or self.autostart is not None or self.start or self.restart
        return acts or any(not step.waits for step in self.live)


@record(frozen=True)
class HostPlan:
    """What is to be done to one host."""

    target: str
    uri: str
    vms: tuple[VmPlan, ...] = ()
    files: FilesPlan | None = None
    foreign: int = 0
    """Domains that are none of ours, and stay as they are."""
    unpruned: tuple[str, ...] = ()
    """Ours, no longer in the program, and kept since nobody said `--prune`."""
    fingerprint: str = ""
    secrets: tuple[SecretPlan, ...] = ()
    """Of libvirt's own that the VMs name."""

    @property
    def due(self) -> bool:
        secrets = any(each.doing is Doing.SET for each in self.secrets)
        return secrets or any(vm.due for vm in self.vms) or bool(self.files and self.files.due)

    def with_secrets(self, secrets: tuple[SecretPlan, ...]) -> HostPlan:
        """A guest that would not find its secret does not start: it is not stopped for that, either."""
        if not secrets:
            return self
        lacking = {vm: each.name for each in secrets if each.lacks for vm in each.vms}
        vms = tuple(_unstarted(vm, lacking[vm.name]) if vm.name in lacking else vm for vm in self.vms)
        digest = sha256(self.fingerprint.encode())
        digest.update(repr([(each.name, each.kind, each.uuid, each.doing.value) for each in secrets]).encode())
        return replace(self, vms=vms, secrets=secrets, fingerprint=digest.hexdigest())

    def with_files(self, files: FilesPlan) -> HostPlan:
        digest = sha256(self.fingerprint.encode())
        steps = [(step.action.value, step.path, sha256(step.data).hexdigest(), step.drift) for step in files.steps]
        digest.update(repr((steps, [file.digest for file in files.known], files.left, files.stale)).encode())
        return replace(self, files=files, fingerprint=digest.hexdigest())

    @property
    def refused(self) -> tuple[VmPlan, ...]:
        return tuple(vm for vm in self.vms if vm.action is Action.REFUSE)


def _unstarted(vm: VmPlan, secret: str) -> VmPlan:
    return replace(vm, start=False, restart=False, lacks=(*vm.lacks, secret))


@record(frozen=True)
class Wishes:
    """What the person asked for besides the program."""

    project: str
    prune: bool = False
    prune_running: bool = False
    start: bool = False
    restart: bool = False
    renames: Mapping[str, str] = field(default_factory=dict)
    """Old name → new name."""
    elsewhere: frozenset[str] = frozenset()
    """UUIDs of VMs of the program that are another host's, and that this libvirt may have all the same: they are not to be pruned."""
    only: Only | None = None
    """The choice of VMs that the person made; nothing is done to any other."""
    interrupted: frozenset[str] = frozenset()
    """Guests that a killed deploy had stopped for a restart: they are started again."""


def plan_host(
    target: str,
    uri: str,
    desired: Sequence[Desired],
    actual: Sequence[Actual],
    memory: Memory,
    wishes: Wishes,
    platform: Platform,
) -> HostPlan:
    by_uuid = {each.uuid: each for each in actual}
    by_name = {each.name: each for each in actual}
    vms = [_vm(each, by_uuid, by_name, memory, wishes, platform) for each in desired]
    wanted = {vm.uuid for vm in vms if vm.uuid} | {vm.actual.uuid for vm in vms if vm.actual is not None} | wishes.elsewhere
    left = [each for each in actual if each.uuid not in wanted and _project(each) == wishes.project]
    left = [each for each in left if wishes.only is None or wishes.only.fits(each.name)]
    pruned = [_pruned(each, wishes) for each in sorted(left, key=lambda each: each.name)] if wishes.prune else []
    foreign = sum(each.uuid not in wanted and _project(each) != wishes.project for each in actual)
    unpruned = () if wishes.prune else tuple(sorted(each.name for each in left))
    every = (*vms, *pruned)
    return HostPlan(target, uri, every, None, foreign, unpruned, fingerprint(every))


def _project(actual: Actual) -> str | None:
    """Whose a domain is. One that nobody can read is not ours."""
    try:
        return actual.project()
    except (NotXml, ValueError):
        return None


def fingerprint(vms: Iterable[VmPlan]) -> str:
    """Of all that a plan was made from: another desired or actual state gives another one. Of a password only whether it is to change:
    a hash that stands in a file could be tried out."""
    digest = sha256()
    for vm in vms:
        known = vm.actual
        parts = (vm.name, vm.action.value, vm.autostart, vm.start, vm.restart, vm.running, known and known.autostart)
        digest.update(repr(parts).encode())
        digest.update(sha256(without_passwords(vm.xml)).digest())
        digest.update(sha256(known.inactive if known else b"").digest())
        digest.update(repr([(step.way.value, step.change) for step in vm.live if not step.waits]).encode())
    return digest.hexdigest()


# ------------------------------------------------------------------------------------------------------ one VM


def _vm(
    wanted: Desired,
    by_uuid: Mapping[str, Actual],
    by_name: Mapping[str, Actual],
    memory: Memory,
    wishes: Wishes,
    platform: Platform,
) -> VmPlan:
    there, reason = _counterpart(wanted, by_uuid, by_name, wishes)
    if reason:
        return VmPlan(wanted.name, wanted.uuid, Action.REFUSE, reason=reason, actual=there, running=bool(there and there.running))
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
    # The configuration of a transient guest is how it runs: nobody has changed it, it is gone.
    changes = tuple(config_changes(wanted, there, memory, platform.version)) if there.persistent else ()
    live, pending = running_changes(wanted, there, memory, platform)
    if changes or not there.persistent:
        wanted = kept(wanted, there, made(memory, there))
    action = Action.RENAME if renamed else Action.UPDATE if changes or not there.persistent else Action.NOTHING
    autostart = wanted.autostart if wanted.autostart is not None and wanted.autostart != there.autostart else None
    future = [c for c in changes if c.effect not in (Effect.LIVE, Effect.COSMETIC)]
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
        restart=wishes.restart and there.running and bool(pending or future),
        kept_passwords=tuple(dict.fromkeys(wanted.open.values())),
        old_name=there.name if renamed else None,
        xml=wanted.xml,
        actual=there,
        desired=wanted,
    )


_LEFT = "the variables of its firmware lie in a file that is named after {0}, nobody knows where: say firmware.nvram.path = …/{0}_VARS.fd"


def _new(wanted: Desired, wishes: Wishes) -> VmPlan:
    autostart = True if wanted.autostart else None
    return VmPlan(wanted.name, wanted.uuid, Action.CREATE, autostart=autostart, start=wishes.start, xml=wanted.xml, desired=wanted)


def _counterpart(
    wanted: Desired, by_uuid: Mapping[str, Actual], by_name: Mapping[str, Actual], wishes: Wishes
) -> tuple[Actual | None, str]:
    """The domain that a VM is about, or why none may be touched."""
    same = by_uuid.get(wanted.uuid or "")
    namesake = by_name.get(wanted.name)
    old = next((old for old, new in wishes.renames.items() if new == wanted.name), None)
    if old is not None and same is None:
        return namesake, _not_renamed(old, by_name.get(old))
    if same is not None and (other := _project(same)) not in (None, wishes.project):
        return same, f"{same.name} has its UUID and is of project {other}: it is not touched"
    if same is not None and same.name == wanted.name:
        return same, ""
    if same is not None:
        if wishes.renames.get(same.name) != wanted.name:
            return same, f"it is called {same.name} there: say --rename {same.name}={wanted.name} if it is to be renamed"
        if namesake is not None:
            return same, f"{same.name} cannot be renamed: there is another {wanted.name} already"
        return (same, "") if not same.running else (same, f"{same.name} runs, and libvirt renames only what does not")
    if namesake is None:
        return None, ""
    owner = _project(namesake)
    if wanted.imported and owner in (None, wishes.project):
        return namesake, ""
    whose = "is not ours" if owner is None else f"is of project {owner}" if owner != wishes.project else "has another UUID"
    return namesake, f"a domain of that name is there and {whose} ({namesake.uuid}): it is not touched"


def _not_renamed(old: str, there: Actual | None) -> str:
    if there is None:
        return f"there is no {old} that could be renamed"
    return f"the {old} that is there has another UUID ({there.uuid}): it is not touched"


def _pruned(there: Actual, wishes: Wishes) -> VmPlan:
    if there.running and not wishes.prune_running:
        reason = "it is no longer in the program, but it runs: stop it, or say --prune-running"
        return VmPlan(there.name, there.uuid, Action.REFUSE, reason=reason, running=True, actual=there)
    return VmPlan(there.name, there.uuid, Action.PRUNE, running=there.running, actual=there)
