"""What differs between a VM and its domain, as changes: of the configuration, and of the guest that runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from vmspec.base.provenance import Path
from vmspec.base.record import record
from vmspec.model.block import Block
from vmspec.model.domain import Domain
from vmspec.model.show import show
from vmspec.model.value import Value
from vmspec.plan import quick
from vmspec.plan.change import Change, Difference, Effect
from vmspec.plan.classes import Live, classify
from vmspec.plan.compare import SECRET, differences
from vmspec.plan.normal import live_noise, unexpected, unexpected_live
from vmspec.plan.state import Actual, Desired, Memory, Platform, device_at, read


@record(frozen=True)
class LiveStep:
    """A change for the running guest now. `waits`: the guest itself takes its time over it, or never does it."""

    way: Live
    difference: Difference
    change: Change
    waits: bool = False


def config_changes(wanted: Desired, there: Actual, memory: Memory, version: int) -> Iterator[Change]:
    """Of the configuration."""
    secrets = _passwords(wanted, None if there.passwords is None else there.passwords.inactive)

    def compared() -> list[Difference]:
        return list(_unexpected(wanted, there.domain, made(memory, there), version))

    context = (version, _chosen(memory.last(there.uuid)) in (None, _chosen(there.inactive)))
    same = not wanted.imported and quick.same(there.inactive, wanted.xml, lambda: not compared(), context)
    if same and not secrets:
        return
    found = [] if same else compared()
    found += secrets
    if not found:
        return
    drifted = _drifted(wanted, there, made(memory, there))
    for each in found:
        effect = classify(each, device_at(wanted.domain, each.path))[0]
        if effect is Effect.LIVE and _beyond(each, there.domain):
            effect = Effect.NEXT_BOOT
        # Nobody keeps what a password was: whether a source or a hand has changed it cannot be known.
        yield _change(each, effect, wanted, each.path[-1] not in SECRET and (drifted is None or each.path in drifted))


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


def running_changes(wanted: Desired, there: Actual, memory: Memory, platform: Platform) -> tuple[tuple[LiveStep, ...], tuple[Change, ...]]:
    """What the running guest has otherwise: what can be changed now, and what waits for a restart."""
    running = there.live_domain
    if running is None:
        return (), ()
    live: list[LiveStep] = []
    pending: list[Change] = []
    since = _since_its_start(wanted, there, memory, platform.version)
    known = {each.path for each in since}
    secrets = _passwords(wanted, None if there.passwords is None else there.passwords.live)
    for each in [*unexpected_live(running, wanted.domain, platform), *secrets]:
        effect, way = classify(each, device_at(wanted.domain, each.path))
        if way is not None and not _beyond(each, running):
            live.append(LiveStep(way, each, _change(each, effect, wanted, drift=False), waits=_is_up_to_the_guest(way, each)))
        elif effect is not Effect.COSMETIC:
            pending.append(_change(each, effect, wanted, drift=each.path not in known))
    pending += _unseen(since, wanted)
    return tuple(live), tuple(pending)


def _since_its_start(wanted: Desired, there: Actual, memory: Memory, version: int) -> list[Difference]:
    """From the configuration that the guest was started with: what deploys have left to its next start. Where no deploy of ours has
    changed it while it ran, nothing."""
    base = None if there.mark is None else memory.started_with(there.uuid, there.mark)
    return [] if base is None else unexpected(read(base), wanted.domain, version)


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


def made(memory: Memory, there: Actual) -> Domain | None:
    """What libvirt made of the definition at the last deploy. None where our journal has not seen that: somebody has deployed since from
    another machine, as the hash in the metadata shows."""
    result = memory.last(there.uuid)
    last = read(result) if result else None
    if last is None or None in (_hash(last), _hash(there.domain)):
        return last
    return last if _hash(last) == _hash(there.domain) else None


_CHOSEN = re.compile(rb"<emulator>[^<]*|<nvram[^>]*>[^<]*")


def _chosen(data: bytes | None) -> tuple[bytes, ...] | None:
    """What libvirt chose, as the text of a definition has it."""
    return tuple(_CHOSEN.findall(data)) if data else None


def _hash(domain: Domain) -> str | None:
    return None if domain.origin is None else domain.origin.source
