"""What a host has put on top of the images that a program names: the layers below each image, and what a definition keeps of them.

External snapshots (virsh snapshot-create-as --disk-only, most backup tools) put an overlay over an image; the guest's data are in the
overlay from then on. libvirt 9.0.0 names all layers in the XML of a running guest, and of one that is off only those that it has been told
of (src/qemu/qemu_snapshot.c, qemuSnapshotDiskUpdateSource).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from posixpath import normpath
from typing import TypeAlias
from xml.etree import ElementTree

from vmspec.base.record import field, record
from vmspec.model.block import Block, Many, schema
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import BackingStore, NvmeSource, VolumeSource
from vmspec.model.devices.storage_net import NetworkSource
from vmspec.model.domain import Domain
from vmspec.plan.compare import pairs

ImageKey: TypeAlias = tuple[str, ...]
"""Where an image lies: ("path", P), ("volume", POOL, NAME), (PROTOCOL, NAME), ("nvme", …)."""
REMOVABLE = ("cdrom", "floppy")
DEEPEST = 200
"""Layers of a chain that are looked at. libvirt's own limit (src/storage_file/storage_source.c, VIR_STORAGE_SOURCE_MAX_DEPTH)."""


@record(frozen=True)
class BackingChain:
    """The images below one, the nearest first. `whole`: it is known that there is none below the last."""

    below: tuple[ImageKey, ...] = ()
    whole: bool = False


@record(frozen=True)
class ImageLayers:
    """What is known of the images of one domain: the layers below each that was looked at, and which places are one."""

    chains: Mapping[ImageKey, BackingChain] = field(default_factory=dict)
    real: Mapping[ImageKey, ImageKey] = field(default_factory=dict)
    """Of a volume the path of its image, of a link where it leads."""

    def one(self, place: ImageKey) -> ImageKey:
        return self.real.get(place, place)


NOT_LOOKED = ImageLayers()


def place_of(source: Block | None) -> ImageKey | None:
    """None for no image, and for one that has no name of its own (a directory as a FAT disk, vhost-user)."""
    match source:
        case VolumeSource():
            return ("volume", source.pool or "", source.volume) if source.volume else None
        case NvmeSource():
            return ("nvme", *(str(n or 0) for n in (source.domain, source.bus, source.slot, source.function, source.namespace)))
        case NetworkSource():
            return (source.tag, source.name) if source.name else None
        case None:
            return None
        case _:
            path = getattr(source, "path", None) if source.tag in ("file", "block") else None
            return ("path", normpath(path)) if path else None


def shown_place(place: ImageKey) -> str:
    kind, *rest = place
    return rest[0] if kind == "path" else f"{kind} {'/'.join(rest)}"


def ends(layer: BackingStore) -> bool:
    """Whether it is the empty one that says that there is no further layer."""
    return layer.source is None


def disk_pairs(there: Domain, wanted: Domain) -> Iterator[tuple[Disk, Disk]]:
    """The disks that both have, but for drives whose medium is changed."""
    line = schema(Domain).by_name["disk"].line
    assert isinstance(line, Many)
    for old, new in pairs(there.disk, wanted.disk, line):
        if isinstance(old, Disk) and isinstance(new, Disk) and str(new.device) not in REMOVABLE and str(old.device) not in REMOVABLE:
            yield old, new


# ------------------------------------------------------------------------------------------- is it worth a look


def names_other_images(one: bytes, other: bytes) -> bool:
    """Whether a disk of the first has another image in the second, found out without reading either into the model."""
    if b"<disk" not in one or b"<disk" not in other:
        return False
    try:
        images, others = _images(one), _images(other)
    except ElementTree.ParseError:
        return True
    return any(target in others and others[target] != image for target, image in images.items())


def _images(data: bytes) -> dict[str, frozenset[tuple[str, str]]]:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ElementTree.ParseError
    found: dict[str, frozenset[tuple[str, str]]] = {}
    for disk in ElementTree.fromstring(data).iterfind("./devices/disk"):
        target, source = disk.find("target"), disk.find("source")
        if target is not None and disk.get("device") not in REMOVABLE:
            held = {} if source is None else source.attrib
            found[target.get("dev", "")] = frozenset((key, value) for key, value in held.items() if key in _NAMES)
    return found


_NAMES = ("file", "dev", "pool", "volume", "protocol", "name", "namespace")


# ------------------------------------------------------------------------------------------------------ keeping


class ImageFate(Enum):
    """What becomes of the image that a host has for a disk."""

    OURS = "ours"
    """It is to be the program's."""
    OVERLAY = "overlay"
    """It lies on the program's, and stays."""
    MOVED = "moved"
    """The running guest has been moved to it by hand, and stays there."""
    UNKNOWN = "unknown"
    """Nobody knows what lies below it: it stays."""


@record(frozen=True)
class Kept:
    """An image that stays, though the program names another. `target` is the disk's."""

    fate: ImageFate
    target: str
    label: str
    there: ImageKey
    named: ImageKey


@record(frozen=True)
class Origins:
    """What is known of how a host's images came to be: by target, the image of our last deploy, and that of the running guest."""

    deployed: Mapping[str, ImageKey] = field(default_factory=dict)
    """What we put there: not what we kept."""
    running: Mapping[str, ImageKey] = field(default_factory=dict)
    named: Mapping[str, ImageKey] = field(default_factory=dict)
    """What the program named when the host's definition was last deployed, as far as that is known."""


def fate(there: Disk, wanted: Disk, layers: ImageLayers, origins: Origins) -> ImageFate:
    """Of one disk; OURS where both have one image."""
    top, named = place_of(there.source), place_of(wanted.source)
    if top is None or named is None or layers.one(top) == layers.one(named):
        return ImageFate.OURS
    chain = layers.chains.get(top)
    if chain is None:
        return ImageFate.OURS
    if layers.one(named) in {layers.one(each) for each in chain.below}:
        return ImageFate.OVERLAY
    target = target_of(there)
    if origins.running.get(target) == top and origins.named.get(target) == named and origins.deployed.get(target) != top:
        return ImageFate.MOVED
    if chain.whole or origins.deployed.get(target) == top:
        return ImageFate.OURS
    return ImageFate.UNKNOWN


def target_of(disk: Disk) -> str:
    return str(disk.target or disk.label)


def keeping_images(
    wanted: Domain, there: Domain, layers: ImageLayers, origins: Origins, discarded: frozenset[str]
) -> tuple[Domain, list[Kept]]:
    """With the images that stay, and what libvirt knows of the layers below them. `discarded`: disks that are to go back to the program's,
    by target or label."""
    kept: list[Kept] = []
    new: dict[int, Disk] = {}
    for old, disk in disk_pairs(there, wanted):
        what = ImageFate.OURS if {target_of(disk), disk.label} & discarded else fate(old, disk, layers, origins)
        top, named = place_of(old.source), place_of(disk.source)
        if what is not ImageFate.OURS and top is not None and named is not None:
            kept.append(Kept(what, target_of(old), disk.label, top, named))
            new[id(disk)] = disk.but(source=old.source, backing_store=old.backing_store)
        elif _same(top, named, layers) and disk.backing_store is None and old.backing_store is not None:
            # What libvirt has been told of the chain of one and the same image: nobody wants it otherwise.
            new[id(disk)] = disk.but(backing_store=old.backing_store)
    if not new:
        return wanted, kept
    return wanted.but(disk=tuple(new.get(id(disk), disk) for disk in wanted.disk)), kept


def _same(top: ImageKey | None, named: ImageKey | None, layers: ImageLayers) -> bool:
    return top is not None and named is not None and layers.one(top) == layers.one(named)


def images(domain: Domain | None) -> dict[str, ImageKey]:
    """Of each disk by its target."""
    disks = () if domain is None else domain.disk
    return {target_of(disk): place for disk in disks if (place := place_of(disk.source)) is not None}
