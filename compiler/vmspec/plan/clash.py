"""Files of a host that two domains would write, and who is refused for it.

QEMU locks image files, and neither block devices nor any of the others; what two guests write is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from vmspec.base.record import record, replace
from vmspec.plan.file_uses import FileKey, FileUse


@record(frozen=True)
class DomainFiles:
    """A domain of a host as it is (`now`), and as it would be (`then`)."""

    uuid: str
    name: str
    ours: bool
    now: tuple[FileUse, ...] = ()
    then: tuple[FileUse, ...] = ()
    acts: bool = False
    """It is to be defined, started or restarted."""
    running: bool = False


@record(frozen=True)
class Clash:
    """One file, and who else would write it."""

    use: FileUse
    other: DomainFiles
    theirs: FileUse
    way: tuple[str, ...] = ()
    """Of files that go round: the domains, in the order in which each waits for the next."""

    @property
    def leaves(self) -> bool:
        """The other has it now, and no longer after this deploy."""
        return self.other.acts and self.theirs in self.other.now and self.theirs not in self.other.then

    def __str__(self) -> str:
        whose = self.other.name if self.other.ours else f"{self.other.name}, which is not ours,"
        if self.way:
            round_ = " → ".join((*self.way, self.way[0]))
            return f"{self.use.shown} is to go from {self.other.name} to it, and so round ({round_}): first deploy one of them without"
        if self.leaves:
            until = "until it has been restarted" if self.other.running else "until this deploy is done"
            return f"{self.use.shown} ({self.use.what}) is that of {whose} {until}: deploy once more after that"
        if self.use.below:
            return f"it reads {self.use.shown} below an image, and {whose} would write it"
        if self.theirs.below:
            return f"it would write {self.use.shown}, and {whose} reads that below an image"
        return f"it and {whose} would both write {self.use.shown} ({self.use.what}{_also(self.use, self.theirs)})"


def _also(use: FileUse, theirs: FileUse) -> str:
    return "" if use.what == theirs.what else f" here, {theirs.what} there"


def clashes(holders: Sequence[DomainFiles]) -> dict[str, list[Clash]]:
    """By UUID. Of one that acts: what it would write and another writes or would write; but what it has already is not counted against it
    where the other is only about to take it. Of one that does not: what both write as they are."""
    index: dict[FileKey, list[tuple[DomainFiles, FileUse]]] = {}
    for holder in holders:
        for use in dict.fromkeys((*holder.now, *holder.then)):
            index.setdefault(use.key, []).append((holder, use))
    found: dict[str, list[Clash]] = {}
    for holder in holders:
        mine = _mine(holder)
        for use in mine:
            for other, theirs in index[use.key] if len(index[use.key]) > 1 else ():
                if other.uuid != holder.uuid and use.clashes(theirs) and _counts(holder, use, other, theirs):
                    found.setdefault(holder.uuid, []).append(Clash(use, other, theirs))
    waits = {uuid: [clash.other for clash in some if clash.leaves] for uuid, some in found.items()}
    names = {holder.uuid: holder.name for holder in holders}
    return {uuid: [_going_round(clash, uuid, names, waits) for clash in some] for uuid, some in found.items()}


def _going_round(clash: Clash, uuid: str, names: Mapping[str, str], waits: Mapping[str, list[DomainFiles]]) -> Clash:
    """With the way on which what it waits for waits for it, if there is one."""
    seen = {clash.other.uuid}
    ways: list[tuple[str, ...]] = [(uuid, clash.other.uuid)] if clash.leaves else []
    while ways:
        way = ways.pop(0)
        for other in waits.get(way[-1], ()):
            if other.uuid == uuid:
                return replace(clash, way=tuple(names[each] for each in way))
            if other.uuid not in seen:
                seen.add(other.uuid)
                ways.append((*way, other.uuid))
    return clash


def _mine(holder: DomainFiles) -> Iterable[FileUse]:
    return dict.fromkeys(holder.then if holder.acts else holder.now)


def _counts(holder: DomainFiles, use: FileUse, other: DomainFiles, theirs: FileUse) -> bool:
    if theirs in other.now:
        return True
    return holder.acts and use not in holder.now
