"""What differs between a VM and its domain, as changes: of the configuration, and of the guest that runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from vmspec.base.provenance import Path
from vmspec.base.record import record, replace
from vmspec.importing.host_domain import HostDefinition
from vmspec.model.block import Block
from vmspec.model.domain import Domain
from vmspec.model.show import show
from vmspec.model.value import Value
from vmspec.plan.change import Change, Difference, Effect
from vmspec.plan.classes import Live, classify, is_settable
from vmspec.plan.compare import SECRET, differences, relabelled
from vmspec.plan.expected import live_noise, related, unexpected, unexpected_live
from vmspec.plan.state import Actual, AppliedState, Desired, Platform, device_at, source_hash

UNTOLD = (("origin", "source"), ("origin", "layout"))
"""How a definition came to be; what follows from it is a difference of its own."""


@record(frozen=True)
class LiveStep:
    """A change for the running guest now. `waits`: the guest itself takes its time over it, or never does it."""

    way: Live
    difference: Difference
    change: Change
    waits: bool = False


def config_changes(wanted: Desired, there: Actual, memory: AppliedState, version: int) -> Iterator[Change]:
    """Of the configuration."""
    secrets = _passwords(wanted, None if there.passwords is None else there.passwords.inactive)
    last = memory.last(there.uuid)
    as_applied = last is not None and last.data == there.inactive.data and not wanted.imported and not memory.kept(there.uuid)
    if as_applied and source_hash(there.domain) == wanted.digest == source_hash(wanted.domain):
        # It is what libvirt made of this very definition, as the deploy has seen.
        found: list[Difference] = []
    else:
        found = list(_unexpected(wanted, there.domain, made(memory, there), version))
    found += secrets
    if not found:
        return
    drifted = _drifted(wanted, there, made(memory, there))
    for each in found:
        effect = classify(each, device_at(wanted.domain, each.path))[0]
        if effect is Effect.LIVE and _beyond(each, there.domain):
            effect = Effect.NEXT_BOOT
        # Nobody keeps what a password was: whether a source or a hand has changed it cannot be known.
        by_hand = each.path[-1] not in SECRET and (drifted is None or _is_among(each.path, drifted))
        yield _change(each, effect, wanted, by_hand)


def _unexpected(wanted: Desired, there: Domain, known: Domain | None, version: int) -> Iterator[Difference]:
    """What differs, but for what libvirt adds by itself. An imported VM's XML leaves much to libvirt: what it says nothing of is then
    compared with what libvirt made of it last time, which `known` is."""
    changed_since = _changed(known, there, wanted) if wanted.imported and known is not None else set()
    for each in unexpected(there, wanted.domain, version, known):
        if each.path in UNTOLD:
            continue
        if wanted.imported and each.after is None and each.path not in changed_since:
            continue
        yield each


def _passwords(wanted: Desired, there: Mapping[str, str] | None) -> list[Difference]:
    """Of displays that both have; those that an imported VM says nothing of are the host's."""
    if there is None:
        return []
    pairs = [(each, there.get(str(each.type))) for each in wanted.domain.graphics]
    said = [(each, before) for each, before in pairs if not (wanted.imported and each.passwd is None)]
    return [Difference(("graphics", each.label, "passwd"), before, each.passwd) for each, before in said if before != each.passwd]


def _drifted(wanted: Desired, there: Actual, known: Domain | None) -> set[Path] | None:
    """The paths that somebody changed by hand since our last deploy, which `known` is; None: all of them.

    Where nobody knows what that was, they are changed by hand if the source is still the one that was deployed.
    """
    if known is not None:
        return _changed(there.domain, known, wanted)
    last = source_hash(there.domain)
    return None if last is not None and last == source_hash(wanted.domain) else set()


def _changed(before: Domain, after: Domain, wanted: Desired) -> set[Path]:
    """What differs between two states of a host's domain, by the labels of the program."""
    return {each.path for each in differences(relabelled(before, wanted.domain), relabelled(after, wanted.domain))}


def _is_among(path: Path, paths: Iterable[Path]) -> bool:
    """Whether one of them is this path, the device that it belongs to, or a part of it."""
    return any(related(path, other) for other in paths)


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


def running_changes(
    wanted: Desired, there: Actual, memory: AppliedState, platform: Platform, changes: Sequence[Change] = (), held: Domain | None = None
) -> tuple[tuple[LiveStep, ...], tuple[Change, ...]]:
    """What the running guest has otherwise: what can be changed now, and what waits for a restart. `changes` are those of its
    configuration; `held` is what it is held against, where that is not the wanted definition."""
    running = there.live_domain
    if running is None:
        return (), ()
    live: list[LiveStep] = []
    pending: list[Change] = []
    base = _started_with(there, memory)
    since = [] if base is None else unexpected(base.domain, wanted.domain, platform.version)
    config = {(each.path, each.before): each.drift for each in changes}
    left = None if base is None and _is_older(there) else {each.path: each.before for each in since}
    secrets = _passwords(wanted, None if there.passwords is None else there.passwords.live)
    refused = memory.refused(there.uuid)
    for each in [*unexpected_live(running, held or wanted.domain, platform), *secrets]:
        effect, way = classify(each, device_at(wanted.domain, each.path))
        takes = way is not None and not _beyond(each, running)
        # The deploy that left a mark has also made the changes that a running guest takes: another value is of somebody else.
        by_hand = (takes and there.mark is not None) or not (_was_left(each, left or {}) or (not takes and _was_set(each, there, memory)))
        change = _change(each, effect, wanted, left is not None and by_hand)
        if change.path in refused:
            change = replace(change, drift=False)
        # What the configuration has too is by hand where it is there.
        change = replace(change, drift=config.get((change.path, change.before), change.drift))
        if way is not None and takes:
            live.append(LiveStep(way, each, change, waits=_is_up_to_the_guest(way, each)))
        elif effect is not Effect.COSMETIC:
            pending.append(change)
    pending += _unseen(since, wanted)
    return tuple(live), tuple(pending)


def _was_left(each: Difference, left: Mapping[Path, Value | None]) -> bool:
    """Whether a deploy has left the running guest so: it has what it was started with."""
    return each.path in left and (each.before == left[each.path] or isinstance(each.before, Block))


def _was_set(each: Difference, there: Actual, memory: AppliedState) -> bool:
    """Whether a deploy has set a running guest so, before one that it cannot follow until its next start: a weight that is said no
    longer, more CPUs or memory than it was started with. Nobody keeps what a password was."""
    running = there.live_domain
    if running is None or not is_settable(each.path, None):
        return False
    if each.path[-1] in SECRET:
        return True
    base = _started_with(there, memory)
    for deployed in memory.deployed(there.uuid):
        value = _value(deployed.domain, each.path)
        if value is not None and not _beyond(replace(each, after=value), running):
            return value == each.before
        if base is not None and deployed.data == base.data:
            break
    return False


def _value(domain: Domain, path: Path) -> Value | None:
    """Of a line that belongs to no device."""
    held: Value | None = domain
    for step in path:
        held = vars(held).get(step.replace("-", "_")) if isinstance(held, Block) else None
    return held


def _started_with(there: Actual, memory: AppliedState) -> HostDefinition | None:
    """The configuration that a running guest was started with, where a deploy has changed it since: by the mark that the deploy left, or,
    for one that has come back from a saved state or from another host, by the source that its own XML names."""
    if there.mark is not None:
        return memory.started_with(there.uuid, there.mark)
    own = _is_older(there)
    return memory.deployed_from(there.uuid, own) if own else None


def _is_older(there: Actual) -> str | None:
    """The hash of the source that the running guest comes from, where its configuration comes from another one: a deploy has changed it."""
    running = there.live_domain
    own = None if running is None else source_hash(running)
    return own if own is not None and own != source_hash(there.domain) else None


def _unseen(since: Sequence[Difference], wanted: Desired) -> Iterator[Change]:
    """What waits for a restart, and what the running XML does not tell, since it says that in other words (`normal.NOISE`)."""
    for each in since:
        effect = classify(each, device_at(wanted.domain, each.path))[0]
        if live_noise(each, wanted.domain) and effect not in (Effect.LIVE, Effect.COSMETIC):
            yield _change(each, effect, wanted, drift=False)


def _is_up_to_the_guest(way: Live, each: Difference) -> bool:
    """It gives back memory and CPUs when its drivers get to it, or never."""
    if way is Live.VCPU_COUNT:
        return isinstance(each.before, int) and isinstance(each.after, int) and each.after < each.before
    return way is Live.BALLOON


def made(memory: AppliedState, there: Actual) -> Domain | None:
    """What libvirt made of the definition at the last deploy. None where our journal has not seen that: somebody has deployed since from
    another machine, as the hash in the metadata shows."""
    result = memory.last(there.uuid)
    last = None if result is None else result.domain
    if last is None or None in (source_hash(last), source_hash(there.domain)):
        return last
    return last if source_hash(last) == source_hash(there.domain) else None
