"""Which images of a host's domain stay under a program's VM: the wanted definition with them, and what a plan says of each."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.record import record, replace
from vmspec.importing.host_domain import source_hash
from vmspec.model.domain import Domain
from vmspec.plan.besides import Note
from vmspec.plan.chain import ImageKey, images, shown_place
from vmspec.plan.keeping import ImageFate, Kept, Origins, keeping_images
from vmspec.plan.state import Actual, AppliedState, Desired, LastDeploy, last_deploy


@record(frozen=True)
class Imaged:
    """A VM with the images that stay. `running`: the definition that the running guest is held against; None: that of `wanted`."""

    wanted: Desired
    running: Domain | None = None
    kept: tuple[Kept, ...] = ()
    notes: tuple[Note, ...] = ()


def with_images(wanted: Desired, there: Actual, last: LastDeploy, discarded: frozenset[str]) -> Imaged:
    layers = there.besides.layers
    if not layers.chains and not any(disk.backing_store for disk in there.domain.disk):
        return Imaged(wanted)
    origins = _origins(wanted, there, last)
    domain, kept = keeping_images(wanted.domain, there.domain, layers, origins, discarded)
    running: Domain | None = None
    more: list[Kept] = []
    if there.live_domain is not None and layers.chains:
        running, more = keeping_images(wanted.domain, there.live_domain, layers, origins, discarded)
    if domain is not wanted.domain:
        wanted = replace(wanted, domain=domain)
    known = {each.target for each in kept}
    every = (*kept, *(each for each in more if each.target not in known))
    return Imaged(wanted, running, every, tuple(_notes(wanted.name, every, there)))


def _origins(wanted: Desired, there: Actual, last: LastDeploy) -> Origins:
    if last.made is not None:
        deployed = {target: place for target, place in images(last.made).items() if target not in last.kept}
        return Origins(deployed, {**deployed, **last.kept})
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
    last = last_deploy(memory, there)
    named = {} if last.made is None else {**images(last.made), **last.kept}
    now = [*images(there.domain).items(), *images(there.live_domain).items()]
    found = [OtherImage(target, place, named[target]) for target, place in now if named.get(target, place) != place]
    return [each for each in dict.fromkeys(found) if each.target not in discarded]


def layered_images(there: Actual, memory: AppliedState, discarded: frozenset[str]) -> list[tuple[str, str]]:
    """Of a domain whose deploy is not known: each target with its image, where that lies, or may lie, on another one."""
    if last_deploy(memory, there).made is not None:
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


def _notes(name: str, kept: tuple[Kept, ...], there: Actual) -> Iterator[Note]:
    for each in kept:
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
