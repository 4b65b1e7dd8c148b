"""Desired, last applied and actual → what is to be done to a host: pure, and the same every time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from hashlib import sha256

from vmspec.base.provenance import Path
from vmspec.base.record import field, record, replace
from vmspec.ingest.xml import NotXml
from vmspec.model.block import Block
from vmspec.model.domain import Domain
from vmspec.model.show import show
from vmspec.model.value import Value
from vmspec.plan import quick
from vmspec.plan.change import Change, Difference, Effect
from vmspec.plan.classes import Live, classify
from vmspec.plan.compare import SECRET, differences
from vmspec.plan.files import FilesPlan
from vmspec.plan.keep import keeping_identity, keeping_variables, kept
from vmspec.plan.normal import live_noise, unexpected, unexpected_live
from vmspec.plan.state import Actual, Desired, Memory, Platform, device_at, read


class Action(Enum):
    NOTHING = "nothing"
    CREATE = "create"
    UPDATE = "update"
    RENAME = "rename"
    PRUNE = "prune"
    REFUSE = "refuse"


@record(frozen=True)
class LiveStep:
    """A change for the running guest now. `waits`: the guest itself takes its time over it, or never does it."""

    way: Live
    difference: Difference
    change: Change
    waits: bool = False


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

    @property
    def due(self) -> bool:
        return any(vm.due for vm in self.vms) or bool(self.files and self.files.due)

    def with_files(self, files: FilesPlan) -> HostPlan:
        digest = sha256(self.fingerprint.encode())
        steps = [(step.action.value, step.path, sha256(step.data).hexdigest(), step.drift) for step in files.steps]
        digest.update(repr((steps, [file.digest for file in files.known], files.left, files.stale)).encode())
        return replace(self, files=files, fingerprint=digest.hexdigest())

    @property
    def refused(self) -> tuple[VmPlan, ...]:
        return tuple(vm for vm in self.vms if vm.action is Action.REFUSE)


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
    """Of all that a plan was made from: another desired or actual state gives another one."""
    digest = sha256()
    for vm in vms:
        known = vm.actual
        parts = (vm.name, vm.action.value, vm.autostart, vm.start, vm.restart, vm.running, known and known.autostart)
        digest.update(repr(parts).encode())
        digest.update(sha256(vm.xml).digest())
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
    changes = tuple(_changes(wanted, there, memory, platform.version)) if there.persistent else ()
    live, pending = _running(wanted, there, memory, platform)
    if changes or not there.persistent:
        wanted = kept(wanted, there, _made(memory, there))
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
        old_name=there.name if renamed else None,
        xml=wanted.xml,
        actual=there,
        desired=wanted,
    )


_LEFT = "the variables of its firmware lie in a file that is named after {0}, nobody knows where: say firmware.nvram.path = …/{0}_VARS.fd"


def _made(memory: Memory, there: Actual) -> Domain | None:
    """What libvirt made of the definition at the last deploy. None where our journal has not seen that: somebody has deployed since from
    another machine, as the hash in the metadata shows."""
    result = memory.last(there.uuid)
    if not result:
        return None
    made = read(result)
    return made if _hash(made) == _hash(there.domain) or None in (_hash(made), _hash(there.domain)) else None


def _hash(domain: Domain) -> str | None:
    return None if domain.origin is None else domain.origin.source


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
    if same is not None and (other := _project(same)) not in (None, wishes.project) and not wanted.imported:
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


# ----------------------------------------------------------------------------------------------------- changes


def _changes(wanted: Desired, there: Actual, memory: Memory, version: int) -> Iterator[Change]:
    """Of the configuration."""
    secrets = _passwords(wanted, None if there.passwords is None else there.passwords.inactive)

    def compared() -> list[Difference]:
        return list(_unexpected(wanted, there.domain, _made(memory, there), version))

    same = not wanted.imported and quick.same(there.inactive, wanted.xml, lambda: not compared())
    if same and not secrets:
        return
    found = [] if same else compared()
    found += secrets
    if not found:
        return
    drifted = _drifted(wanted, there, _made(memory, there))
    for each in found:
        effect = classify(each, device_at(wanted.domain, each.path))[0]
        if effect is Effect.LIVE and _beyond(each, there.domain):
            effect = Effect.NEXT_BOOT
        yield _change(each, effect, wanted, drifted is None or each.path in drifted)


def _unexpected(wanted: Desired, there: Domain, known: Domain | None, version: int) -> Iterator[Difference]:
    """What differs, but for what libvirt adds by itself. An imported VM's XML leaves much to libvirt: what it says nothing of is then
    compared with what libvirt made of it last time, which `known` is."""
    changed_since = {each.path for each in differences(known, there)} if wanted.imported and known is not None else set()
    for each in unexpected(there, wanted.domain, version, known):
        if each.path == ("origin", "source"):
            continue
        if wanted.imported and each.after is None and each.path not in changed_since:
            continue
        yield each


def _passwords(wanted: Desired, there: Mapping[str, str] | None) -> list[Difference]:
    """Of displays that both have; those that an imported VM says nothing of are the host's."""
    if there is None or not (there or b"passwd=" in wanted.xml):
        return []
    pairs = [(each, there.get(str(each.type))) for each in wanted.domain.graphics]
    said = [(each, before) for each, before in pairs if not (wanted.imported and each.passwd is None)]
    return [Difference(("graphics", each.label, "passwd"), before, each.passwd) for each, before in said if before != each.passwd]


def _drifted(wanted: Desired, there: Actual, known: Domain | None) -> set[Path] | None:
    """The paths that somebody changed by hand; None: all of them."""
    last = there.domain.origin.source if there.domain.origin is not None else None
    if last is not None and wanted.domain.origin is not None and last == wanted.domain.origin.source:
        return None
    if known is None:
        return set()
    return {each.path for each in differences(there.domain, known)}


def _change(each: Difference, effect: Effect, wanted: Desired, drift: bool) -> Change:
    path, where = wanted.where(each.path, each.after is not None)
    return Change(path, shown(each.path, each.before), shown(each.path, each.after), effect, where, drift)


def shown(path: Path, value: Value | None) -> str | None:
    if value is None:
        return None
    if path[-1] in SECRET:
        return "(secret)"
    return show(_public(value))


def _public(value: Value) -> Value:
    """Without what must not be shown: passwords of a whole device, and what follows from elsewhere."""
    if not isinstance(value, Block):
        return value
    hidden = {name: None for name in ("passwd", "alias", "address") if vars(value).get(name) is not None}
    return value.but(spelling={}, **hidden)


def _beyond(each: Difference, running: Domain) -> bool:
    """More than the running guest can have until it is restarted."""
    match each.path:
        case ("memory", "current"):
            limit: int | None = None if running.memory is None else running.memory.size
        case ("cpu", "count"):
            limit = None if running.cpu is None else running.cpu.max or running.cpu.count
        case _:
            return False
    return limit is not None and isinstance(each.after, int) and each.after > limit


def _running(wanted: Desired, there: Actual, memory: Memory, platform: Platform) -> tuple[tuple[LiveStep, ...], tuple[Change, ...]]:
    """What the running guest has otherwise: what can be changed now, and what waits for a restart."""
    running = there.live_domain
    if running is None:
        return (), ()
    live: list[LiveStep] = []
    pending: list[Change] = []
    secrets = _passwords(wanted, None if there.passwords is None else there.passwords.live)
    for each in [*unexpected_live(running, wanted.domain, platform), *secrets]:
        effect, way = classify(each, device_at(wanted.domain, each.path))
        change = _change(each, effect, wanted, drift=False)
        if way is not None and not _beyond(each, running):
            live.append(LiveStep(way, each, change, waits=_is_up_to_the_guest(way, each)))
        elif effect is not Effect.COSMETIC:
            pending.append(change)
    pending += _unseen(wanted, there, memory, platform.version)
    return tuple(live), tuple(pending)


def _unseen(wanted: Desired, there: Actual, memory: Memory, version: int) -> Iterator[Change]:
    """What waits for a restart, and what the running XML does not tell, since it says that in other words (`normal.NOISE`): found by
    the configuration that the guest was started with."""
    base = None if there.id is None else memory.started_with(there.uuid, there.id)
    for each in unexpected(read(base), wanted.domain, version) if base is not None else ():
        effect = classify(each, device_at(wanted.domain, each.path))[0]
        if live_noise(each, wanted.domain) and effect not in (Effect.LIVE, Effect.COSMETIC):
            yield _change(each, effect, wanted, drift=False)


def _is_up_to_the_guest(way: Live, each: Difference) -> bool:
    """It gives back memory and CPUs when its drivers get to it, or never."""
    if way is Live.VCPU_COUNT:
        return isinstance(each.before, int) and isinstance(each.after, int) and each.after < each.before
    return way is Live.BALLOON
