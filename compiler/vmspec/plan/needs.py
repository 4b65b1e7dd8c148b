"""What of a host a definition names and cannot start without: networks, pools, volumes, bridges, cards, network filters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from vmspec.base.record import field, record
from vmspec.plan.clash import XmlElement, tree

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


def needs(data: bytes) -> dict[Need, NeedPlace]:
    """Of a definition, each once, in its order, with the first place that names it."""
    root = tree(data)
    found: dict[Need, NeedPlace] = {}
    for need, place in () if root is None else (*_storage(root), *_networks(root)):
        found.setdefault(need, place)
    return found


def _storage(root: XmlElement) -> Iterator[tuple[Need, NeedPlace]]:
    disks = [(disk.find("source"), ("disk", index)) for index, disk in enumerate(root.iterfind("./devices/disk"))]
    for source, place in (*disks, (root.find("./os/nvram/source"), ("firmware", 0))):
        pool, volume = (None, None) if source is None else (source.get("pool"), source.get("volume"))
        if pool and volume:
            yield ("pool", pool), place
            yield ("volume", pool, volume), place


def _networks(root: XmlElement) -> Iterator[tuple[Need, NeedPlace]]:
    for index, interface in enumerate(root.iterfind("./devices/interface")):
        place = ("interface", index)
        source, port, filter_ = interface.find("source"), interface.find("virtualport"), interface.find("filterref")
        if source is not None:
            match interface.get("type"):
                case "network" if source.get("network"):
                    yield ("network", source.get("network", "")), place
                case "bridge" if source.get("bridge") and (port is None or port.get("type") != "openvswitch"):
                    # A bridge of Open vSwitch need not be a device of the kernel.
                    yield ("bridge", source.get("bridge", "")), place
                case "direct" if source.get("dev"):
                    yield ("card", source.get("dev", "")), place
        if filter_ is not None and filter_.get("filter"):
            yield ("filter", filter_.get("filter", "")), place


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
