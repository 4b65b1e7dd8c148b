"""Looks at the other hosts of a program for VMs that are to be made or started: who has them, who runs them, who cannot be asked."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from xml.etree import ElementTree

from vmspec.deploy import embedded
from vmspec.deploy.besides import looked_into, marked
from vmspec.deploy.binding import HostError, Refused, libvirt
from vmspec.deploy.calls import GivenUp, Patience
from vmspec.deploy.chains import Looker
from vmspec.deploy.host import HostConnection, absent, connected
from vmspec.deploy.identity import identity
from vmspec.deploy.store import store_of, store_without
from vmspec.plan.file_uses import HostPlaces
from vmspec.plan.moves import Seen, SharedStorage, Sighting, common
from vmspec.plan.state import Actual, AppliedState, Desired


@dataclass(frozen=True)
class Other:
    """Another host of the program."""

    name: str
    uri: str
    shared: tuple[str, ...] = ()
    """The paths whose data other hosts see too."""


@dataclass
class Neighbours:
    """The other hosts, each asked once for which domains it has; of those that matter more is read."""

    state_dir: str | None = None
    gone: frozenset[str] = frozenset()
    """Hosts that somebody says are off."""
    known: frozenset[str] = frozenset()
    """Names of VMs that have been built before: a new one is nowhere."""
    patience: Patience = field(default_factory=Patience)
    _asked: dict[str, frozenset[str] | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, host: HostConnection | None, shared: Sequence[str], others: Iterable[Other], wanted: Mapping[str, Desired]) -> Seen:
        """For VMs by UUID. `host` is the one that they are for, None where it is yet to be made; `shared` are its shared paths."""
        found: dict[str, list[Sighting]] = {}
        hidden: dict[str, list[str]] = {}
        gone: dict[str, AppliedState] = {}
        for other in others:
            if other.name in self.gone:
                store = store_without(self.state_dir, other.uri)
                gone |= {} if store is None else {other.name: store.history()}
                continue
            there = self._uuids(other)
            if there is None:
                for uuid in self._may_have(other, wanted):
                    hidden.setdefault(uuid, []).append(other.name)
                continue
            mine = [uuid for uuid in wanted if uuid in there]
            for sighting in self._sightings(host, shared, other, {uuid: wanted[uuid] for uuid in mine}) if mine else ():
                found.setdefault(sighting.there.uuid, []).append(sighting)
        return Seen({uuid: tuple(each) for uuid, each in found.items()}, {uuid: tuple(each) for uuid, each in hidden.items()}, gone)

    def forget(self) -> None:
        """What has been asked is asked anew."""
        with self._lock:
            self._asked.clear()

    def _uuids(self, other: Other) -> frozenset[str] | None:
        """None where it cannot be looked at."""
        with self._lock:
            if other.uri not in self._asked:
                self._asked[other.uri] = _uuids(other.uri, self.patience)
            return self._asked[other.uri]

    def _may_have(self, other: Other, wanted: Mapping[str, Desired]) -> list[str]:
        """Those that a host that does not answer may have: all that were built before, and those that our journal knows to be there."""
        store = store_without(self.state_dir, other.uri)
        history = None if store is None else store.history()
        return [uuid for uuid, vm in wanted.items() if vm.name in self.known or (history is not None and history.last(uuid) is not None)]

    def _sightings(self, host: HostConnection | None, shared: Sequence[str], other: Other, wanted: Mapping[str, Desired]) -> list[Sighting]:
        with connected(other.uri, change=False, patience=self.patience) as there:
            if host is not None and _is_one(host, there):
                return []
            storage = SharedStorage(common(other.shared, shared), _common_pools(there, host))
            memory = store_of(self.state_dir, there).history()
            known = [each for uuid in wanted if (each := there.actual(uuid)) is not None]
            return [_sighting(other, there, wanted[each.uuid], each, storage, memory) for each in marked(there, known)]


def _uuids(uri: str, patience: Patience) -> frozenset[str] | None:
    try:
        if absent(uri):
            return frozenset()
        with connected(uri, change=False, patience=patience) as there:
            return there.uuids()
    except (HostError, Refused, GivenUp, OSError):
        return None


def _sighting(
    other: Other, there: HostConnection, wanted: Desired, known: Actual, storage: SharedStorage, memory: AppliedState
) -> Sighting:
    seen = looked_into(there, wanted.domain, known, known.running)
    foreign = seen.project() is not None and seen.project() != _project_of(wanted)
    tpm, saves = _folders(other.uri)
    return Sighting(other.name, other.uri, seen, foreign, storage, HostPlaces(there.variables, Looker(there).real), tpm, saves, memory)


def _project_of(wanted: Desired) -> str | None:
    origin = wanted.domain.origin
    return None if origin is None else origin.project


def _folders(uri: str) -> tuple[str | None, str | None]:
    """Of TPM states and of saved states (virQEMUDriverConfigNew, src/qemu/qemu_conf.c 9.0.0)."""
    root = embedded.root_of(uri)
    if root is not None:
        return None, f"{root}/lib/qemu/save"
    parts = urlsplit(uri)
    system = parts.scheme.startswith("qemu") and parts.path == "/system"
    return ("/var/lib/libvirt/swtpm", "/var/lib/libvirt/qemu/save") if system else (None, None)


def _is_one(host: HostConnection, there: HostConnection) -> bool:
    """Whether two URIs lead to one libvirt. Two hosts that say one UUID, as copies of an image do, have names of their own."""
    one, other = identity(host), identity(there)
    return one.key == other.key and one.name == other.name


SHARED_POOLS = ("netfs", "gluster", "rbd", "sheepdog", "iscsi", "iscsi-direct", "mpath", "vstorage")
"""Kinds of pools whose source is a server: hosts that have the same source see the same volumes."""


def _common_pools(there: HostConnection, host: HostConnection | None) -> frozenset[str]:
    if host is None:
        return frozenset()
    one, other = _pools(there), _pools(host)
    return frozenset(name for name, source in one.items() if other.get(name) == source)


def _pools(host: HostConnection) -> dict[str, tuple[str, ...]]:
    """Of the shared kinds, by name: what their source and their target are."""
    found: dict[str, tuple[str, ...]] = {}
    with suppress(libvirt().libvirtError):
        for pool in host.connection.listAllStoragePools():
            root = ElementTree.fromstring(pool.XMLDesc())
            if root.get("type") in SHARED_POOLS:
                source = root.find("source")
                parts = () if source is None else tuple(ElementTree.tostring(each, "unicode").strip() for each in source)
                found[str(pool.name())] = (str(root.get("type")), str(root.findtext("target/path")), *parts)
    return found
