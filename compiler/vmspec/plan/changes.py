"""What differs between a VM and its domain, as changes: of the configuration, and of the guest that runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from vmspec.base.provenance import Path
from vmspec.base.record import record, replace
from vmspec.importing.host_domain import HostDefinition, source_hash
from vmspec.model.block import Attr, Block, schema
from vmspec.model.domain import Domain
from vmspec.model.show import as_read, show
from vmspec.model.value import Value
from vmspec.plan.change import Author, Change, Difference, Effect, SourcePlace
from vmspec.plan.classes import Live, classify, is_settable
from vmspec.plan.compare import SECRET, differences, relabelled, those_among
from vmspec.plan.expected import live_noise, unexpected, unexpected_live
from vmspec.plan.state import Actual, AppliedState, Desired, LastDeploy, Platform, last_deploy

UNTOLD = (("origin", "source"), ("origin", "layout"))
"""How a definition came to be; what follows from it is a difference of its own."""


@record(frozen=True)
class LiveStep:
    """A change for the running guest now. `waits`: the guest itself takes its time over it, or never does it."""

    way: Live
    difference: Difference
    change: Change
    waits: bool = False


def config_changes(wanted: Desired, there: Actual, last: LastDeploy, version: int) -> list[Change]:
    """Of the configuration."""
    secrets = _passwords(wanted, None if there.passwords is None else there.passwords.inactive)
    found = [] if _is_as_applied(wanted, there, last) else _differing(wanted, there.domain, last.made, version)
    found += secrets
    if not found:
        return []
    authors = _authors(found, wanted, there, last.made, version)
    effects = [effect_of(each, there.domain, wanted.domain) for each in found]
    places = [wanted.where(each.path, each.after is not None) for each in found]
    return [
        _change(each, effect, where, authors.get(each.path, Author.PROGRAM))
        for each, effect, where in zip(found, effects, places, strict=True)
    ]


def effect_of(each: Difference, before: Domain, after: Domain) -> Effect:
    """The class of a difference between two definitions of a VM."""
    effect = classify(each, after)[0]
    return Effect.NEXT_BOOT if effect is Effect.LIVE and _beyond(each, before) else effect


def _is_as_applied(wanted: Desired, there: Actual, last: LastDeploy) -> bool:
    """Whether it is what libvirt made of this very definition, as the deploy has seen."""
    if last.definition is None or last.definition.data != there.inactive.data or wanted.imported or last.kept:
        return False
    return source_hash(there.domain) == wanted.digest == source_hash(wanted.domain)


def _differing(wanted: Desired, there: Domain, known: Domain | None, version: int) -> list[Difference]:
    """What differs, but for what libvirt adds by itself."""
    return [each for each in unexpected(there, wanted.domain, version, known) if each.path not in UNTOLD]


def _passwords(wanted: Desired, there: Mapping[str, str] | None) -> list[Difference]:
    """Of displays that both have; those that an imported VM says nothing of are the host's."""
    if there is None:
        return []
    pairs = [(each, there.get(str(each.type))) for each in wanted.domain.graphics]
    said = [(each, before) for each, before in pairs if not (wanted.imported and each.passwd is None)]
    return [Difference(("graphics", each.label, "passwd"), before, each.passwd) for each, before in said if before != each.passwd]


def _authors(found: Sequence[Difference], wanted: Desired, there: Actual, known: Domain | None, version: int) -> Mapping[Path, Author]:
    """Of those that somebody has changed by hand since our last deploy, who has: a hand alone, or the program too. By what libvirt made of
    it at that deploy, which `known` is; where nobody knows that, all are by hand if the source is still the one that was deployed. Nobody
    keeps what a password was: whether a source or a hand has changed it cannot be known."""
    told = [each for each in found if each.path[-1] not in SECRET]
    if known is None:
        last = source_hash(there.domain)
        by_hand = last is not None and last == source_hash(wanted.domain)
        return dict.fromkeys((each.path for each in told), Author.HAND) if by_hand else {}
    # All by the labels of the program, else of the host: those of a device in XML are made of what may have changed.
    host = relabelled(there.domain, wanted.domain)
    deployed = relabelled(relabelled(known, wanted.domain), host)
    hand = those_among(told, differences(host, deployed))
    if not hand:
        return {}
    both = those_among(told, _differing(wanted, deployed, deployed, version))
    return {path: Author.BOTH if path in both else Author.HAND for path in hand}


def _change(each: Difference, effect: Effect, where: tuple[str, SourcePlace], author: Author) -> Change:
    return Change(where[0], shown(each.path, each.before), shown(each.path, each.after), effect, where[1], author)


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
    return _names_bare(value).but(spelling={}, **hidden)


def _names_bare(block: Block) -> Block:
    """Down to the blocks in it."""
    changed: dict[str, object] = {}
    for field in schema(type(block)):
        held = vars(block).get(field.python)
        if held is None:
            continue
        if isinstance(field.line, Attr):
            bare: object = as_read(field.line.kind, held)
        elif isinstance(held, Block):
            bare = _names_bare(held)
        elif isinstance(held, tuple):
            bare = tuple(_names_bare(each) if isinstance(each, Block) else each for each in held)
        else:
            continue
        if bare is not held:
            changed[field.python] = bare
    return block.but(**changed) if changed else block


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
    if there.live is None:
        return (), ()
    running = there.live.domain
    marked = there.live.mark is not None
    live: list[LiveStep] = []
    pending: list[Change] = []
    base = _started_with(there, memory)
    since = [] if base is None else unexpected(base.domain, wanted.domain, platform.version)
    config = {(each.path, each.before): each.author for each in changes}
    left = None if base is None and _is_older(there) else {each.path: each.before for each in since}
    secrets = _passwords(wanted, None if there.passwords is None else there.passwords.live)
    refused = memory.refused(there.uuid)
    anew: list[Difference] | None = None
    for each in [*unexpected_live(running, held or wanted.domain, platform), *secrets]:
        effect, way = classify(each, wanted.domain)
        takes = way is not None and not _beyond(each, running)
        # The deploy that left a mark has also made the changes that a running guest takes: another value is of somebody else.
        by_hand = (takes and marked) or not (_was_left(each, left or {}) or (not takes and _was_set(each, there, memory)))
        author = Author.PROGRAM
        if left is not None and by_hand:
            if anew is None:
                known = last_deploy(memory, there).made
                anew = [] if known is None else _differing(wanted, known, known, platform.version)
            author = Author.BOTH if those_among([each], anew) else Author.HAND
        change = _change(each, effect, wanted.where(each.path, each.after is not None), author)
        if change.path in refused:
            change = replace(change, author=Author.PROGRAM)
        # What the configuration has too is by hand where it is there.
        change = replace(change, author=config.get((change.path, change.before), change.author))
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
    if there.live is None or not is_settable(each.path, there.live.domain):
        return False
    running = there.live.domain
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
    mark = None if there.live is None else there.live.mark
    if mark is not None:
        return memory.started_with(there.uuid, mark)
    own = _is_older(there)
    return memory.deployed_from(there.uuid, own) if own else None


def _is_older(there: Actual) -> str | None:
    """The hash of the source that the running guest comes from, where its configuration comes from another one: a deploy has changed it."""
    own = None if there.live is None else source_hash(there.live.domain)
    return own if own is not None and own != source_hash(there.domain) else None


def _unseen(since: Sequence[Difference], wanted: Desired) -> Iterator[Change]:
    """What waits for a restart, and what the running XML does not tell, since it says that in other words (`normal.NOISE`)."""
    for each in since:
        effect = classify(each, wanted.domain)[0]
        if live_noise(each, wanted.domain) and effect not in (Effect.LIVE, Effect.COSMETIC):
            yield _change(each, effect, wanted.where(each.path, each.after is not None), Author.PROGRAM)


def _is_up_to_the_guest(way: Live, each: Difference) -> bool:
    """It gives back memory and CPUs when its drivers get to it, or never."""
    if way is Live.VCPU_COUNT:
        return isinstance(each.before, int) and isinstance(each.after, int) and each.after < each.before
    return way is Live.BALLOON
