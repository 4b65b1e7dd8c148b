"""A disk as libvirt understands it: its name, its bus, the format of its image."""

from __future__ import annotations

import re

from vmspec.model.block import Block
from vmspec.model.devices.device import DriveAddress
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import BlockSource, DiskSource, FileSource, NvmeSource, VolumeSource
from vmspec.model.devices.storage_net import NetworkSource
from vmspec.model.devices.storage_parts import Source

_BUS_OF_PREFIX = (("hd", "ide"), ("sd", "scsi"), ("vd", "virtio"), ("xvd", "xen"), ("ubd", "uml"))


def target(disk: Disk) -> str:
    """The name of the disk; its label where no other is given."""
    return disk.target or disk.label


def bus(disk: Disk) -> str:
    """The bus, or the one that libvirt derives (virDomainDiskDefPostParse, src/conf/domain_postparse.c 9.0.0)."""
    if disk.bus:
        return str(disk.bus)
    if disk.device == "floppy":
        return "fdc"
    name = target(disk)
    return next((bus for prefix, bus in _BUS_OF_PREFIX if name.startswith(prefix)), "ide")


def image_format(disk: Disk) -> str | None:
    """The format of the image; None where nothing is said, which libvirt takes for raw."""
    return disk.source.format if isinstance(disk.source, Source) else None


def is_empty(source: DiskSource | None) -> bool:
    """Whether the drive has no medium (virStorageSourceIsEmpty, src/conf/storage_source_conf.c 9.0.0)."""
    if isinstance(source, FileSource):
        return not source.path and not source.fdgroup
    if isinstance(source, BlockSource):
        return not source.path
    if isinstance(source, NetworkSource):
        return False
    return source is None


def local_path(disk: Disk) -> str | None:
    """The path on the host, of a file, device or directory."""
    return (
        getattr(disk.source, "path", None)
        if isinstance(disk.source, Source) and not isinstance(disk.source, (NetworkSource, NvmeSource))
        else None
    )


def limits(tune: Block) -> dict[str, object]:
    """The limits of a throttling block, without the name of its group."""
    return {name: value for name, value in vars(tune).items() if value and name not in ("group_name", "label", "spelling", "raw")}


def identities(disk: Disk) -> tuple[tuple[object, ...], ...]:
    """Of which two disks that are one have one in common: on the network the name, at each of the servers; none where it cannot be told."""
    source = disk.source
    if not isinstance(source, NetworkSource):
        one = _local_identity(disk)
        return (one,) if one is not None else ()
    servers: tuple[str, ...] = getattr(source, "hosts", ()) or getattr(source, "monitors", ())
    return tuple((source.tag, source.name, server) for server in servers or ("",)) if source.name else ()


def _local_identity(disk: Disk) -> tuple[object, ...] | None:
    source = disk.source
    if isinstance(source, VolumeSource):
        return ("volume", source.pool, source.volume) if source.volume else None
    if isinstance(source, NvmeSource):
        return ("nvme", source.domain or 0, source.bus, source.slot, source.function, source.namespace)
    path = local_path(disk)
    return ("path", path) if path and not path.startswith("/dev/null") else None


def drive_place(disk: Disk) -> tuple[int, int, int, int] | None:
    """Controller, bus, target and unit: as written, or as libvirt makes them of the name (virDomainDiskDefAssignAddress, libvirt 9.0.0)."""
    at = disk.address
    if isinstance(at, DriveAddress):
        return at.controller or 0, at.bus or 0, at.target or 0, at.unit or 0
    match = re.fullmatch(r"(?:fd|hd|vd|sd|xvd|ubd)([a-z]{1,2})", target(disk))
    if at is not None or match is None:
        return None
    index = 0
    for letter in match[1]:
        index = index * 26 + ord(letter) - ord("a") + 1
    index -= 1
    match bus(disk):
        case "scsi":
            return index // 7, 0, 0, index % 7
        case "sata":
            return index // 6, 0, 0, index % 6
        case "ide":
            return index // 4, index % 4 // 2, 0, index % 2
        case "fdc":
            return index // 2, 0, 0, index % 2
        case _:
            return None
