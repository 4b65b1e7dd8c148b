"""Which images of a host's domain stay under a program's VM: the wanted definition with them, and what a plan says of each."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.record import record, replace
from vmspec.model.domain import Domain
from vmspec.plan.besides import Note
from vmspec.plan.chain import ImageKey, images, shown_place
from vmspec.plan.changes import made
from vmspec.plan.keeping import ImageFate, Kept, Origins, keeping_images
from vmspec.plan.state import Actual, AppliedState, Desired, source_hash


@record(frozen=True)
class Imaged:
    """A VM with the images that stay. `running`: the definition that the running guest is held against; None: that of `wanted`."""

    wanted: Desired
    running: Domain | None = None
    kept: tuple[Kept, ...] = ()


def with_images(wanted: Desired, there: Actual, memory: AppliedState, discarded: frozenset[str]) -> Imaged:
    layers = there.besides.layers
    if not layers.chains and not any(disk.backing_store for disk in there.domain.disk):
        return Imaged(wanted)
    origins = _origins(wanted, there, memory)
    domain, kept = keeping_images(wanted.domain, there.domain, layers, origins, discarded)
    running: Domain | None = None
    more: list[Kept] = []
    if there.live_domain is not None and layers.chains:
        running, more = keeping_images(wanted.domain, there.live_domain, layers, origins, discarded)
    if domain is not wanted.domain:
        wanted = replace(wanted, domain=domain)
    known = {each.target for each in kept}
    return Imaged(wanted, running, (*kept, *(each for each in more if each.target not in known)))


def _origins(wanted: Desired, there: Actual, memory: AppliedState) -> Origins:
    known = made(memory, there)
    if known is not None:
        kept = memory.kept(there.uuid)
        deployed = {target: place for target, place in images(known).items() if target not in kept}
        return Origins(deployed, {**deployed, **kept})
    same = source_hash(there.domain) is not None and source_hash(there.domain) == source_hash(wanted.domain)
    return Origins({}, images(wanted.domain) if same else {})


@record(frozen=True)
class OtherImage:
    """An image that a domain has, or had when it was last deployed, in the place of the one that the program named."""

    target: str
    there: ImageKey
    named: ImageKey

    def __str__(self) -> str:
        return f"{shown_place(self.there)}, and not on {shown_place(self.named)} ({self.target})"


def other_images(there: Actual, memory: AppliedState, discarded: frozenset[str]) -> list[OtherImage]:
    """Of a domain as it is: what no deploy of ours gave it."""
    known = made(memory, there)
    named = {} if known is None else {**images(known), **memory.kept(there.uuid)}
    now = [*images(there.domain).items(), *images(there.live_domain).items()]
    found = [OtherImage(target, place, named[target]) for target, place in now if named.get(target, place) != place]
    return [each for each in dict.fromkeys(found) if each.target not in discarded]


def layered_images(there: Actual, memory: AppliedState, discarded: frozenset[str]) -> list[tuple[str, str]]:
    """Of a domain whose deploy is not known: each target with its image, where that lies, or may lie, on another one."""
    if made(memory, there) is not None:
        return []
    chains = there.besides.layers.chains
    now = dict.fromkeys([*images(there.domain).items(), *images(there.live_domain).items()])
    layered = [(target, place) for target, place in now if place in chains and (chains[place].below or not chains[place].whole)]
    return [(target, shown_place(place)) for target, place in layered if target not in discarded]


def last_images(uuid: str, memory: AppliedState, discarded: frozenset[str]) -> list[OtherImage]:
    """Of a domain that is no longer there: what the last deploy to it kept."""
    kept, last = memory.kept(uuid), memory.last(uuid)
    then = images(last.domain) if kept and last else {}
    return [OtherImage(target, then[target], named) for target, named in kept.items() if target in then and target not in discarded]


def notes(name: str, imaged: Imaged, there: Actual) -> Iterator[Note]:
    for each in imaged.kept:
        top, named = shown_place(each.there), shown_place(each.named)
        back = f"--discard-overlay {name}:{each.label}"
        match each.fate:
            case ImageFate.OVERLAY:
                merge = f"virsh blockcommit {there.name} {each.now} --active --pivot"
                merge += " merges the two" if there.running else ", once it runs, merges the two"
                text = f"{top} lies on {named}, which the program names, and stays: {merge}; with {back} what is in it is lost"
            case ImageFate.MOVED:
                how = f"the running guest was moved to {top}" if there.running else f"{top} was put in the place of {named}"
                text = f"{how} by hand, and it stays there: change its source to that, or {back} for {named}"
            case ImageFate.UNKNOWN | ImageFate.OURS:
                text = f"nobody can tell whether {top} lies on {named}, which the program names: it stays; {back} where it does not"
        yield Note(each.fate.value, f"disk.{each.label}.source", text)


def _stay(some: tuple[str, ...]) -> str:
    return "stays" if len(some) == 1 else "stay"


def besides_notes(name: str, there: Actual, changes: bool) -> Iterator[Note]:
    """Of what the host keeps besides."""
    besides = there.besides
    if besides.saved:
        text = "its next start goes on from a saved state"
        if changes:
            text += ", with the configuration of that time: what changes counts from the start after that, or once"
            text += f" virsh managedsave-remove {name} has dropped the state"
        yield Note("saved-state", "", text)
    if besides.snapshots:
        yield Note("snapshot", "", f"has {_named('snapshot', besides.snapshots)}, which {_stay(besides.snapshots)}")
    if besides.checkpoints:
        yield Note("checkpoint", "", f"has {_named('checkpoint', besides.checkpoints)}, which {_stay(besides.checkpoints)}")
    if besides.jobs:
        yield Note("job", "", f"{', '.join(besides.jobs)} under way: it is not restarted before that has ended")


def _named(what: str, names: tuple[str, ...]) -> str:
    return f"the {what}{'s' * (len(names) != 1)} {', '.join(names)}"
