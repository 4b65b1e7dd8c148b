"""What of a host a definition names and cannot start without: networks, pools, volumes, bridges, cards, network filters, files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from vmspec.base.provenance import Path
from vmspec.base.record import field, record
from vmspec.model.block import Block
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.filesystem import MountSource
from vmspec.model.devices.network import BridgeSource, DirectSource, NetworkSource
from vmspec.model.devices.storage import BlockSource, DirSource, FileSource, VolumeSource
from vmspec.model.domain import Domain

Need: TypeAlias = tuple[str, ...]
"""("network", NAME), ("pool", NAME), ("volume", POOL, NAME), ("bridge", NAME), ("card", NAME), ("filter", NAME)."""


@record(frozen=True)
class HostInventory:
    """What a host has, by kind: each name, and whether it is active. A kind that is not here is one of which nobody knows."""

    known: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    volumes: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    """By pool and name, whether it is there; of those that could be looked for."""


NOT_LOOKED = HostInventory()


def needs(domain: Domain) -> dict[Need, Path]:
    """Of a definition, each once, in its order, with the first place that names it."""
    found: dict[Need, Path] = {}
    for need, place in (*_storage(domain), *_networks(domain)):
        found.setdefault(need, place)
    return found


def _storage(domain: Domain) -> Iterator[tuple[Need, Path]]:
    nvram = None if domain.firmware is None else domain.firmware.nvram
    disks: list[tuple[Block | None, Path]] = [(disk.source, ("disk", disk.label, "source")) for disk in domain.disk]
    for source, place in (*disks, (None if nvram is None else nvram.source, ("firmware",))):
        if isinstance(source, VolumeSource) and source.pool and source.volume:
            yield ("pool", source.pool), place
            yield ("volume", source.pool, source.volume), place


def _networks(domain: Domain) -> Iterator[tuple[Need, Path]]:
    for interface in domain.interface:
        place = ("interface", interface.label, "source")
        source, port = interface.source, interface.virtualport
        match source:
            case NetworkSource() if source.network:
                yield ("network", source.network), place
            case BridgeSource() if source.bridge and (port is None or str(port.type) != "openvswitch"):
                # A bridge of Open vSwitch need not be a device of the kernel.
                yield ("bridge", source.bridge), place
            case DirectSource() if source.dev:
                yield ("card", source.dev), place
            case _:
                pass
        if interface.filterref is not None and interface.filterref.filter:
            yield ("filter", str(interface.filterref.filter)), place


# ---------------------------------------------------------------------------------------------------------- files


def files(domain: Domain, variables: str | None) -> Iterator[tuple[str, Path]]:
    """Of the host, each with the setting that names it. `variables`: of the firmware's variables that libvirt copies from a template
    unless they are there (qemuPrepareNVRAM, src/qemu/qemu_process.c 9.0.0); None: they are there."""
    for disk in domain.disk:
        for source in _layers(disk):
            if (path := _path_of(source)) is not None and getattr(source, "startup_policy", None) != "optional":
                yield path, ("disk", disk.label, "source")
    boot = domain.boot
    if boot is not None:
        named = (("kernel", boot.kernel), ("initrd", boot.initrd), ("dtb", boot.dtb), ("shim", boot.shim))
        yield from ((path, ("boot", name)) for name, path in named if path)
        yield from ((table.path, ("boot", "acpi-table", table.label, "path")) for table in boot.acpi_table if table.path)
    firmware = domain.firmware
    if firmware is not None and firmware.loader:
        yield firmware.loader, ("firmware", "loader")
    if firmware is not None and firmware.nvram is not None and firmware.nvram.template and variables is not None:
        yield firmware.nvram.template, ("firmware", "nvram", "template")
    for filesystem in domain.filesystem:
        if isinstance(filesystem.source, MountSource) and filesystem.source.dir:
            yield filesystem.source.dir, ("filesystem", filesystem.label, "source")


def _layers(disk: Disk) -> Iterator[Block | None]:
    """Of an image, what the definition itself says of the layers below it too."""
    yield disk.source
    yield None if disk.source is None or (store := vars(disk.source).get("data_store")) is None else store.source
    layer = disk.backing_store
    while layer is not None:
        yield layer.source
        layer = layer.backing_store


def _path_of(source: Block | None) -> str | None:
    match source:
        case FileSource() if source.fdgroup is None:
            return source.path
        case BlockSource() | DirSource():
            return source.path
        case _:
            return None


WORDS: Mapping[str, str] = {
    "network": "the network {}",
    "pool": "the storage pool {}",
    "bridge": "the bridge {}",
    "card": "the network card {}",
    "filter": "the network filter {}",
}


def missing(wanted: Iterable[Need], presence: HostInventory) -> Iterator[tuple[Need, str]]:
    """What is not there, and that in words."""
    for need in wanted:
        kind, *names = need
        if kind == "volume":
            if presence.volumes.get((names[0], names[1])) is False:
                yield need, f"the host has no volume {names[1]} in the pool {names[0]}"
            continue
        known = presence.known.get(kind)
        if known is None:
            continue
        what = WORDS[kind].format(names[0])
        if names[0] not in known:
            yield need, f"the host has not {what}"
        elif not known[names[0]]:
            yield need, f"{what} of the host is not active"
