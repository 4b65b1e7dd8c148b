"""What a host has put on top of the images that a program names: where each image lies, and the layers below it.

External snapshots (virsh snapshot-create-as --disk-only, most backup tools) put an overlay over an image; the guest's data are in the
overlay from then on. libvirt 9.0.0 names all layers in the XML of a running guest, and of one that is off only those that it has been told
of (src/qemu/qemu_snapshot.c, qemuSnapshotDiskUpdateSource).
"""

from __future__ import annotations

from collections.abc import Mapping
from posixpath import normpath
from typing import TypeAlias

from vmspec.base.record import field, record
from vmspec.model.block import Block
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import BackingStore, NvmeSource, VolumeSource
from vmspec.model.devices.storage_net import NetworkSource
from vmspec.model.domain import Domain

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


def target_of(disk: Disk) -> str:
    return str(disk.target or disk.label)


def images(domain: Domain | None) -> dict[str, ImageKey]:
    """Of each disk by its target."""
    disks = () if domain is None else domain.disk
    return {target_of(disk): place for disk in disks if (place := place_of(disk.source)) is not None}


def names_other_images(wanted: Domain, there: Domain) -> bool:
    """Whether a disk of the first has an image that no disk of the second has."""
    return bool(wanted.disk and there.disk) and not _images(wanted) <= _images(there)


def _images(domain: Domain) -> frozenset[ImageKey]:
    """Of all disks but drives."""
    return frozenset(place for disk in domain.disk if str(disk.device) not in REMOVABLE and (place := place_of(disk.source)) is not None)
