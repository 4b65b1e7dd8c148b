"""Which objects of libvirt the objects of a fleet use by name, and which of them the program has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vmspec.base.provenance import Path
from vmspec.base.record import record
from vmspec.lower.fleet import Fleet, Object
from vmspec.model.devices.network import NetworkSource
from vmspec.model.devices.storage import VolumeSource
from vmspec.model.domain import Domain
from vmspec.model.value import ObjectRef, Symbol
from vmspec.model.volume import Volume


@record(frozen=True, slots=True)
class NameUse:
    """One name that an object uses."""

    user: Object[Any]
    path: Path
    kind: str
    name: str
    known: tuple[str, ...]
    """The names of that kind in the program."""
    target: Object[Any] | None
    """The program's object of that name; None for what only the host can have."""
    bare: bool = False
    """It is a bare word, which names an object of the program only."""


def uses(fleet: Fleet) -> Iterator[NameUse]:
    """The networks of interfaces and displays, the pools and volumes of images, the pools of volumes."""
    for vm in fleet.vms:
        for card in vm.spec.interface:
            if isinstance(card.source, NetworkSource) and card.source.network:
                yield _use(vm, ("interface", card.label, "source"), "network", card.source.network, fleet.networks)
        for path, source in _images(vm.spec):
            yield from _of_image(vm, path, source, fleet)
        for screen in vm.spec.graphics:
            for listener in screen.listener:
                if listener.network and not listener.raw:
                    path = ("graphics", screen.label, "listener", listener.label, "network")
                    yield _use(vm, path, "network", listener.network, fleet.networks)
    for volume in fleet.volumes:
        if isinstance(volume.spec, Volume) and volume.spec.pool is not None:
            yield _of_volume(volume, volume.spec.pool, fleet)


def _images(vm: Domain) -> Iterator[tuple[Path, VolumeSource]]:
    """The volumes of disks, of what lies below them, and of firmware variables."""
    for disk in vm.disk:
        path: Path = ("disk", disk.label)
        source, below = disk.source, disk.backing_store
        while True:
            if isinstance(source, VolumeSource):
                yield (*path, "source"), source
            if below is None:
                break
            path, source, below = (*path, "backing-store"), below.source, below.backing_store
    nvram = vm.firmware.nvram if vm.firmware is not None else None
    if nvram is not None and isinstance(nvram.source, VolumeSource):
        yield ("firmware", "nvram", "source"), nvram.source


def _of_image(vm: Object[Any], path: Path, source: VolumeSource, fleet: Fleet) -> Iterator[NameUse]:
    pool = _use(vm, path, "pool", source.pool, fleet.pools) if source.pool else None
    if pool is not None:
        yield pool
    if source.volume and (pool is None or pool.target is not None or not fleet.pools):
        inside = tuple(v for v in fleet.volumes if source.pool in (None, "", pool_of(v)))
        found = _use(vm, path, "volume", source.volume, inside)
        # A volume of a pool that is elsewhere is said once, of the pool.
        if pool is None or pool.target is None or pool.target.host == vm.host:
            yield found


def _of_volume(volume: Object[Any], pool: object, fleet: Fleet) -> NameUse:
    name = pool.name if isinstance(pool, ObjectRef) else str(pool)
    found = _use(volume, ("pool",), "pool", name, fleet.pools)
    return NameUse(volume, found.path, found.kind, name, found.known, found.target, isinstance(pool, Symbol))


def pool_of(volume: Object[Any]) -> str | None:
    pool = volume.spec.pool if isinstance(volume.spec, Volume) else None
    return pool.name if isinstance(pool, ObjectRef) else str(pool) if pool is not None else None


def _use(user: Object[Any], path: Path, kind: str, name: str, group: tuple[Object[Any], ...]) -> NameUse:
    return NameUse(user, path, kind, name, tuple(o.name for o in group), next((o for o in group if o.name == name), None))
