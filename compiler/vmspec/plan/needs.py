"""What of a host a definition names and cannot start without: networks, pools, volumes, bridges, cards, network filters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from vmspec.base.record import field, record
from vmspec.model.devices.network import BridgeSource, DirectSource, NetworkSource
from vmspec.model.devices.storage import VolumeSource
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


NeedPlace: TypeAlias = tuple[str, int]
"""A list of devices in the language, and which of its devices it is, from 0; 0 of what is no list."""


def needs(domain: Domain) -> dict[Need, NeedPlace]:
    """Of a definition, each once, in its order, with the first place that names it."""
    found: dict[Need, NeedPlace] = {}
    for need, place in (*_storage(domain), *_networks(domain)):
        found.setdefault(need, place)
    return found


def _storage(domain: Domain) -> Iterator[tuple[Need, NeedPlace]]:
    nvram = None if domain.firmware is None else domain.firmware.nvram
    disks = [(disk.source, ("disk", index)) for index, disk in enumerate(domain.disk)]
    for source, place in (*disks, (None if nvram is None else nvram.source, ("firmware", 0))):
        if isinstance(source, VolumeSource) and source.pool and source.volume:
            yield ("pool", source.pool), place
            yield ("volume", source.pool, source.volume), place


def _networks(domain: Domain) -> Iterator[tuple[Need, NeedPlace]]:
    for index, interface in enumerate(domain.interface):
        place = ("interface", index)
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
