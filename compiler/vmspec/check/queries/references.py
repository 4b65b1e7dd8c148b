"""Which objects of libvirt the objects of a fleet use by name, and which of them the program has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vmspec.base.provenance import Path
from vmspec.base.record import field, record
from vmspec.lower.fleet import Fleet, Object
from vmspec.model.devices.network import NetworkSource
from vmspec.model.devices.storage import VolumeSource
from vmspec.model.domain import Domain
from vmspec.model.kinds import ObjectKind
from vmspec.model.secret import usage_of
from vmspec.model.value import ObjectRef, Secret, Symbol
from vmspec.model.volume import Volume
from vmspec.model.walk import walk


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
    labels: Mapping[str, str] = field(default_factory=dict)
    """How the program calls those of the known names that are not their labels."""


def uses(fleet: Fleet) -> Iterator[NameUse]:
    """The networks of interfaces and displays, the pools and volumes of images, the pools of volumes."""
    for vm in fleet.vms:
        for card in vm.spec.interface:
            if card.filterref is not None and card.filterref.filter is not None:
                at: Path = ("interface", card.label, "filterref", "filter")
                yield _use(vm, at, "nwfilter", str(card.filterref.filter), fleet.of(ObjectKind.NWFILTER))
            if isinstance(card.source, NetworkSource) and card.source.network:
                yield _use(vm, ("interface", card.label, "source"), "network", card.source.network, fleet.of(ObjectKind.NETWORK))
        for path, source in _images(vm.spec):
            yield from _of_image(vm, path, source, fleet)
        for screen in vm.spec.graphics:
            for listener in screen.listener:
                if listener.network and not listener.raw:
                    path = ("graphics", screen.label, "listener", listener.label, "network")
                    yield _use(vm, path, "network", listener.network, fleet.of(ObjectKind.NETWORK))
    for volume in fleet.of(ObjectKind.VOLUME):
        if isinstance(volume.spec, Volume) and volume.spec.pool is not None:
            yield _of_volume(volume, volume.spec.pool, fleet)

    for own in fleet.of(ObjectKind.NWFILTER):
        for each in own.spec.filterref:
            if each.filter is not None:
                yield _use(own, ("filterref", each.label, "filter"), "nwfilter", str(each.filter), fleet.of(ObjectKind.NWFILTER))
    yield from _secrets(fleet)


def _secrets(fleet: Fleet) -> Iterator[NameUse]:
    """Secrets are named by what they are for."""
    own = {usage: each for each in fleet.of(ObjectKind.SECRET) if (usage := usage_of(each.spec)) is not None}
    if not own:
        return
    labels = {usage: each.name for usage, each in own.items()}
    for user in (*fleet.vms, *fleet.of(ObjectKind.POOL), *fleet.of(ObjectKind.VOLUME)):
        for path, block in walk(user.spec):
            for name, value in vars(block).items():
                if isinstance(value, Secret) and not value.param:
                    here = (*path, name.replace("_", "-"))
                    yield NameUse(user, here, "secret", value.name, tuple(own), own.get(value.name), labels=labels)


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
    pool = _use(vm, path, "pool", source.pool, fleet.of(ObjectKind.POOL)) if source.pool else None
    if pool is not None:
        yield pool
    if source.volume and (pool is None or pool.target is not None or not fleet.of(ObjectKind.POOL)):
        inside = tuple(v for v in fleet.of(ObjectKind.VOLUME) if source.pool in (None, "", pool_of(v)))
        found = _use(vm, path, "volume", source.volume, inside)
        # A volume of a pool that is elsewhere is said once, of the pool.
        if pool is None or pool.target is None or pool.target.host == vm.host:
            yield found


def _of_volume(volume: Object[Any], pool: object, fleet: Fleet) -> NameUse:
    name = pool.name if isinstance(pool, ObjectRef) else str(pool)
    found = _use(volume, ("pool",), "pool", name, fleet.of(ObjectKind.POOL))
    return NameUse(volume, found.path, found.kind, name, found.known, found.target, isinstance(pool, Symbol))


def pool_of(volume: Object[Any]) -> str | None:
    pool = volume.spec.pool if isinstance(volume.spec, Volume) else None
    return pool.name if isinstance(pool, ObjectRef) else str(pool) if pool is not None else None


def _use(user: Object[Any], path: Path, kind: str, name: str, group: tuple[Object[Any], ...]) -> NameUse:
    return NameUse(user, path, kind, name, tuple(o.name for o in group), next((o for o in group if o.name == name), None))
