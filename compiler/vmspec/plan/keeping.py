"""Which images of a host's domain stay under a program's VM, and how each came to be: disks are paired by the data that they hold.

A disk that gets another label, target or bus holds the same data, and so its image and what lies on that go with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import partial
from typing import TypeAlias

from vmspec.base.record import field, record
from vmspec.model.block import Many, schema
from vmspec.model.devices.disk import Disk
from vmspec.model.domain import Domain
from vmspec.plan.chain import REMOVABLE, BackingChain, ImageKey, ImageLayers, place_of, target_of
from vmspec.plan.compare import pairs

Sign: TypeAlias = Callable[[Disk, Disk], bool]
"""Whether the first, a host's, and the second, a program's, hold the same data."""


class ImageFate(Enum):
    """What becomes of the image that a host has for a disk."""

    OURS = "ours"
    """It is to be the program's."""
    OVERLAY = "overlay"
    """It lies on the program's, and stays."""
    MOVED = "moved"
    """Somebody has put it in the place of the one that was deployed, and it stays."""
    UNKNOWN = "unknown"
    """Nobody knows what lies below it: it stays."""


@record(frozen=True)
class Kept:
    """An image that stays, though the program names another. `target` is the disk's as it will be, `now` as the host has it."""

    fate: ImageFate
    target: str
    label: str
    there: ImageKey
    named: ImageKey
    now: str = ""


@record(frozen=True)
class Origins:
    """What is known of how a host's images came to be, by target."""

    deployed: Mapping[str, ImageKey] = field(default_factory=dict)
    """What our last deploy put there: not what it kept."""
    named: Mapping[str, ImageKey] = field(default_factory=dict)
    """What the program named when the host's definition was last deployed, as far as that is known."""


def keeping_images(
    wanted: Domain, there: Domain, layers: ImageLayers, origins: Origins, discarded: frozenset[str]
) -> tuple[Domain, list[Kept]]:
    """With the images that stay, and what libvirt knows of the layers below them. `discarded`: disks that are to go back to the program's,
    by target or label."""
    kept: dict[int, Kept] = {}
    new: dict[int, Disk] = {}
    for old, disk, found in image_pairs(there, wanted, layers, origins):
        what = ImageFate.OURS if {target_of(old), target_of(disk), disk.label} & discarded else found
        top, named = place_of(old.source), place_of(disk.source)
        if what is not ImageFate.OURS and top is not None and named is not None:
            kept[id(disk)] = Kept(what, target_of(disk), disk.label, top, named, target_of(old))
            new[id(disk)] = disk.but(source=old.source, backing_store=old.backing_store)
        elif _same(old, disk, layers) and disk.backing_store is None and old.backing_store is not None:
            # What libvirt has been told of the chain of one and the same image: nobody wants it otherwise.
            new[id(disk)] = disk.but(backing_store=old.backing_store)
    in_order = [kept[id(disk)] for disk in wanted.disk if id(disk) in kept]
    return (wanted.but(disk=tuple(new.get(id(disk), disk) for disk in wanted.disk)) if new else wanted), in_order


# -------------------------------------------------------------------------------------------- which disk is which


def image_pairs(there: Domain, wanted: Domain, layers: ImageLayers, origins: Origins) -> Iterator[tuple[Disk, Disk, ImageFate]]:
    """Each disk of the program with that of the host which has its image, by the surest sign first: the image itself, one that lies on it,
    one that was put in its place, and in the end the device."""
    devices = frozenset((id(old), id(new)) for old, new in _devices(there, wanted))
    left = _Unpaired([each for each in there.disk if not _is_drive(each)], list(wanted.disk), devices)
    signs: tuple[tuple[Sign, ImageFate], ...] = (
        (partial(_same, layers=layers), ImageFate.OURS),
        (partial(_lies_on, layers=layers), ImageFate.OVERLAY),
        (partial(_stands_for, layers=layers, origins=origins), ImageFate.MOVED),
    )
    for sign, fate in signs:
        yield from ((old, new, _as_known(fate, old, layers)) for old, new in left.paired(sign))
    yield from ((old, new, _unsure(old, layers, origins)) for old, new in left.paired(left.are_one))
    if len(left.old) == len(left.new) == 1 and not _is_drive(left.new[0]) and place_of(left.new[0].source) is not None:
        yield left.old[0], left.new[0], _unsure(left.old[0], layers, origins)


@record
class _Unpaired:
    """The disks of both sides that are left. `devices`: the pairs that are one device."""

    old: list[Disk]
    new: list[Disk]
    devices: frozenset[tuple[int, int]]

    def are_one(self, old: Disk, new: Disk) -> bool:
        return (id(old), id(new)) in self.devices and not _is_drive(new)

    def paired(self, sign: Sign) -> Iterator[tuple[Disk, Disk]]:
        """Where several fit, as two overlays of one template do, a device that both have comes first."""
        yield from self._taken(lambda old, new: self.are_one(old, new) and sign(old, new))
        yield from self._taken(sign)

    def _taken(self, sign: Sign) -> Iterator[tuple[Disk, Disk]]:
        for new in tuple(self.new):
            old = next((each for each in self.old if sign(each, new)), None)
            if old is not None:
                self.old, self.new = [each for each in self.old if each is not old], [each for each in self.new if each is not new]
                yield old, new


def _devices(there: Domain, wanted: Domain) -> Iterator[tuple[Disk, Disk]]:
    """The disks that are one device."""
    line = schema(Domain).by_name["disk"].line
    assert isinstance(line, Many)
    for old, new in pairs(there.disk, wanted.disk, line):
        if isinstance(old, Disk) and isinstance(new, Disk):
            yield old, new


def _is_drive(disk: Disk) -> bool:
    """What its medium is, is no matter of data: it is read, and changed."""
    return str(disk.device) in REMOVABLE


def _same(old: Disk, new: Disk, layers: ImageLayers) -> bool:
    top, named = place_of(old.source), place_of(new.source)
    return top is not None and named is not None and layers.one(top) == layers.one(named)


def _lies_on(old: Disk, new: Disk, layers: ImageLayers) -> bool:
    chain, named = _chain(old, layers), place_of(new.source)
    return chain is not None and named is not None and layers.one(named) in {layers.one(each) for each in chain.below}


def _chain(old: Disk, layers: ImageLayers) -> BackingChain | None:
    """None where nobody looked."""
    top = place_of(old.source)
    return None if top is None else layers.chains.get(top)


def _stands_for(old: Disk, new: Disk, layers: ImageLayers, origins: Origins) -> bool:
    """Whether the program names what it named when this disk was deployed, and the disk has another image since, not by our doing."""
    named, target = place_of(new.source), target_of(old)
    looked = _chain(old, layers) is not None
    return looked and named is not None and origins.named.get(target) == named and origins.deployed.get(target) != place_of(old.source)


def _as_known(fate: ImageFate, old: Disk, layers: ImageLayers) -> ImageFate:
    """One that was put in the place of another may lie on it, as long as nobody has seen all of its layers."""
    chain = _chain(old, layers)
    return ImageFate.UNKNOWN if fate is ImageFate.MOVED and chain is not None and not chain.whole else fate


def _unsure(old: Disk, layers: ImageLayers, origins: Origins) -> ImageFate:
    """Of an image that is none of those that the program names, and that it named nothing of."""
    chain = _chain(old, layers)
    known = chain is None or chain.whole or origins.deployed.get(target_of(old)) == place_of(old.source)
    return ImageFate.OURS if known else ImageFate.UNKNOWN
