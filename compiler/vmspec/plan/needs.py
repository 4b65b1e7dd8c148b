"""What of a host a definition names and cannot start without: networks, pools, volumes, bridges, cards, network filters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from vmspec.base.record import field, record
from vmspec.plan.besides import Note
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


def needs(data: bytes) -> list[Need]:
    """Of a definition, each once, in its order."""
    root = tree(data)
    return [] if root is None else list(dict.fromkeys((*_storage(root), *_networks(root))))


def _storage(root: XmlElement) -> Iterator[Need]:
    for source in (*root.iterfind("./devices/disk/source"), *root.iterfind("./os/nvram/source")):
        pool, volume = source.get("pool"), source.get("volume")
        if pool and volume:
            yield "pool", pool
            yield "volume", pool, volume


def _networks(root: XmlElement) -> Iterator[Need]:
    for interface in root.iterfind("./devices/interface"):
        source, port, filter_ = interface.find("source"), interface.find("virtualport"), interface.find("filterref")
        if source is not None:
            match interface.get("type"):
                case "network" if source.get("network"):
                    yield "network", source.get("network", "")
                case "bridge" if source.get("bridge") and (port is None or port.get("type") != "openvswitch"):
                    # A bridge of Open vSwitch need not be a device of the kernel.
                    yield "bridge", source.get("bridge", "")
                case "direct" if source.get("dev"):
                    yield "card", source.get("dev", "")
        if filter_ is not None and filter_.get("filter"):
            yield "filter", filter_.get("filter", "")


WORDS: Mapping[str, str] = {
    "network": "the network {}",
    "pool": "the storage pool {}",
    "bridge": "the bridge {}",
    "card": "the network card {}",
    "filter": "the network filter {}",
}


def missing(wanted: Iterable[Need], presence: HostInventory) -> Iterator[Note]:
    for need in wanted:
        kind, *names = need
        if kind == "volume":
            if presence.volumes.get((names[0], names[1])) is False:
                yield Note("missing", "", f"the host has no volume {names[1]} in the pool {names[0]}: it does not start")
            continue
        known = presence.known.get(kind)
        if known is None:
            continue
        what = WORDS[kind].format(names[0])
        if names[0] not in known:
            yield Note("missing", "", f"the host has not {what}: it does not start")
        elif not known[names[0]]:
            yield Note("missing", "", f"{what} of the host is not active: it does not start")
