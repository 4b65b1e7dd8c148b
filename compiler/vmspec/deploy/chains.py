"""Asks a host which images lie below the images of a domain: its XML, its snapshots, the headers of the images, its storage pools.

Files are read where the host is this machine, never more than their first bytes, and regular files and block devices only; elsewhere
libvirt's storage driver is asked, which looks into the image (virStorageVolGetXMLDesc), and where it is silent for those first bytes.
"""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from vmspec.deploy import headers
from vmspec.deploy.binding import libvirt
from vmspec.deploy.headers import END, Below
from vmspec.deploy.host import HostConnection
from vmspec.importing.host_domain import read_host_domain
from vmspec.model.devices.disk import Disk
from vmspec.model.domain import Domain
from vmspec.plan.chain import DEEPEST, REMOVABLE, BackingChain, ImageKey, ImageLayers, ends, place_of, target_of
from vmspec.plan.state import Actual


def layers_of(host: HostConnection, wanted: Domain, there: Actual) -> ImageLayers:
    """Of the images of a domain that are none of those that are wanted."""
    looker = Looker(host)
    running = there.live_domain
    looker.learn(running)
    looker.learn(there.domain)
    every = [disk for domain in (there.domain, running) if domain is not None for disk in domain.disk if str(disk.device) not in REMOVABLE]
    named = {place for disk in wanted.disk if (place := place_of(disk.source)) is not None}
    tops = {place: format_of(disk) for disk in every if (place := place_of(disk.source)) is not None and place not in named}
    if not tops:
        return ImageLayers()
    for text in _snapshots(host, there):
        looker.learn_snapshot(text)
    chains = {top: looker.chain(top, format) for top, format in tops.items()}
    places = {*tops, *named, *(place for chain in chains.values() for place in chain.below)}
    return ImageLayers(chains, {place: real for place in sorted(places) if (real := looker.real(place)) != place})


def format_of(disk: Disk) -> str | None:
    found = getattr(disk.source, "format", None)
    return None if found is None else str(found)


def _snapshots(host: HostConnection, there: Actual) -> Iterator[str]:
    if not there.besides.snapshots:
        return
    module = libvirt()
    with suppress(module.libvirtError):
        for each in host.domain(there.uuid).listAllSnapshots():
            yield str(each.getXMLDesc())


@dataclass
class Looker:
    """One host, and what it has said so far."""

    host: HostConnection
    known: dict[ImageKey, Below] = field(default_factory=dict)
    """What definitions and snapshots say of the layer below an image."""
    volumes: dict[ImageKey, Any] = field(default_factory=dict)
    held: dict[str, frozenset[str] | None] = field(default_factory=dict)
    """By folders of pools, the names in them; None where the pool does not say."""
    refreshed: set[str] = field(default_factory=set)
    """Folders of pools that have looked again."""
    names: dict[tuple[int, int], str] = field(default_factory=dict)
    """By what the kernel knows a file by, its first name."""

    @cached_property
    def is_here(self) -> bool:
        return is_here(self.host)

    # ------------------------------------------------------------------------------------------- from XML

    def learn(self, domain: Domain | None) -> None:
        for disk in () if domain is None else domain.disk:
            place, layer = place_of(disk.source), disk.backing_store
            while place is not None and layer is not None:
                below = None if ends(layer) else place_of(layer.source)
                if below is None and not ends(layer):
                    break
                format = getattr(layer.source, "format", None)
                self.known.setdefault(place, Below(below, None if format is None else str(format)))
                place, layer = below, layer.backing_store

    def learn_snapshot(self, text: str) -> None:
        """An external snapshot put an overlay over the image that the disk had then (docs/formatsnapshot.rst)."""
        before = _domain_of_snapshot(text)
        if before is None:
            return
        self.learn(before)
        images = {target_of(disk): disk for disk in before.disk}
        for target, overlay in _overlays(text):
            disk = images.get(target)
            image = None if disk is None else place_of(disk.source)
            if disk is not None and image is not None and image != overlay:
                self.known.setdefault(overlay, Below(image, format_of(disk)))

    # ------------------------------------------------------------------------------------------- the chain

    def chain(self, top: ImageKey, format: str | None) -> BackingChain:
        below: list[ImageKey] = []
        place = top
        while len(below) < DEEPEST:
            found = self.below(place, format)
            if found is None or found.place in (*below, top):
                return BackingChain(tuple(below), False)
            if found.place is None:
                return BackingChain(tuple(below), True)
            below.append(found.place)
            place, format = found.place, found.format
        return BackingChain(tuple(below), False)

    def below(self, place: ImageKey, format: str | None) -> Below | None:
        """The next layer; None where nobody knows."""
        ways: tuple[Callable[[ImageKey, str | None], Below | None], ...] = (self._said, self._file, self._volume)
        return next((found for way in ways if (found := way(place, format)) is not None), None)

    def _said(self, place: ImageKey, _: str | None) -> Below | None:
        return self.known.get(place)

    def _file(self, place: ImageKey, format: str | None) -> Below | None:
        if format is not None and format not in headers.LAYERED:
            return END
        path = self.path(place)
        data = first_bytes(path) if path is not None and self.is_here else None
        return None if data is None or path is None else headers.below(data, format, path)

    def _volume(self, place: ImageKey, format: str | None) -> Below | None:
        volume = self.volume(place)
        path = self.path(place)
        if volume is None or path is None:
            return None
        module = libvirt()
        try:
            root = ElementTree.fromstring(volume.XMLDesc())
        except (module.libvirtError, ElementTree.ParseError):
            return None
        probed = _attribute(root, "target/format", "type")
        if probed in headers.LAYERED:
            # The pool has looked into the image. Elsewhere, as in a volume group, what it calls a backing store is another thing.
            under = root.findtext("backingStore/path")
            if under is None:
                return END
            if under.startswith("/"):
                return Below(("path", os.path.normpath(under)), _attribute(root, "backingStore/format", "type"))
        data = _downloaded(self.host, volume)
        return None if data is None else headers.below(data, format, path)

    # --------------------------------------------------------------------------------- volumes, and where links lead

    def volume(self, place: ImageKey) -> Any | None:
        """libvirt's volume of an image; None where no pool has it."""
        if place not in self.volumes:
            self.volumes[place] = _volume(self.host, place)
        return self.volumes[place]

    def path(self, place: ImageKey) -> str | None:
        if place[0] == "path":
            return place[1]
        volume = self.volume(place) if place[0] == "volume" else None
        return None if volume is None else str(volume.path())

    def real(self, place: ImageKey) -> ImageKey:
        """One place for all names of an image: of a volume its path, and on this machine that to which links lead."""
        path = self.path(place)
        if path is None:
            return place
        return "path", self._one_name(os.path.realpath(path)) if self.is_here else os.path.normpath(path)

    def exists(self, path: str) -> bool | None:
        """None where the host's files are not this machine's and in no storage pool, or not for us to see."""
        if not self.is_here:
            return self._in_a_pool(path)
        try:
            Path(path).stat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except (OSError, ValueError):
            return None
        return True

    def _in_a_pool(self, path: str) -> bool | None:
        """A pool of files or logical volumes knows what is in its folder, once it has looked again; of other places nobody does."""
        folder, name = os.path.split(os.path.normpath(path))
        pool = self.folders.get(folder)
        if pool is None:
            return None
        if folder not in self.held:
            self.held[folder] = _names(pool)
        if name not in (self.held[folder] or ()) and folder not in self.refreshed:
            self.refreshed.add(folder)
            self.held[folder] = _names(pool) if _looks_again(pool) else None
        names = self.held[folder]
        return None if names is None else name in names

    @cached_property
    def folders(self) -> dict[str, Any]:
        """Active pools of files and logical volumes by their folders."""
        module = libvirt()
        found: dict[str, Any] = {}
        kinds = module.VIR_CONNECT_LIST_STORAGE_POOLS_DIR | module.VIR_CONNECT_LIST_STORAGE_POOLS_FS
        kinds |= module.VIR_CONNECT_LIST_STORAGE_POOLS_NETFS | module.VIR_CONNECT_LIST_STORAGE_POOLS_LOGICAL
        kinds |= module.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE
        with suppress(module.libvirtError, AttributeError, ElementTree.ParseError):
            for pool in self.host.connection.listAllStoragePools(kinds):
                folder = ElementTree.fromstring(pool.XMLDesc()).findtext("./target/path")
                if folder:
                    found.setdefault(os.path.normpath(folder), pool)
        return found

    def _one_name(self, path: str) -> str:
        """The name under which a file of this machine was seen first: others are hard links to it, or other mounts and nodes of it."""
        return path if (file := which_file(path)) is None else self.names.setdefault(file, path)


def _attribute(root: ElementTree.Element, path: str, name: str) -> str | None:
    found = root.find(path)
    return None if found is None else found.get(name)


def _domain_of_snapshot(text: str) -> Domain | None:
    """The definition from before a snapshot; None where it holds none that can be read."""
    with suppress(ValueError, ElementTree.ParseError):
        root = ElementTree.fromstring(text)
        found = next((part for name in ("inactiveDomain", "domain") if (part := root.find(name)) is not None), None)
        if found is not None:
            found.tag = "domain"
            return read_host_domain(ElementTree.tostring(found))
    return None


def _overlays(text: str) -> Iterator[tuple[str, ImageKey]]:
    for disk in ElementTree.fromstring(text).iterfind("./disks/disk"):
        source = disk.find("source")
        path = None if source is None else source.get("file") or source.get("dev")
        if disk.get("snapshot") == "external" and path is not None:
            yield disk.get("name", ""), ("path", os.path.normpath(path))


def _volume(host: HostConnection, place: ImageKey) -> Any | None:
    module = libvirt()
    with suppress(module.libvirtError, AttributeError):
        if place[0] == "path":
            return host.connection.storageVolLookupByPath(place[1])
        if place[0] == "volume":
            return host.connection.storagePoolLookupByName(place[1]).storageVolLookupByName(place[2])
    return None


def _names(pool: Any) -> frozenset[str] | None:
    with suppress(libvirt().libvirtError):
        return frozenset(str(each.name()) for each in pool.listAllVolumes())
    return None


def _looks_again(pool: Any) -> bool:
    with suppress(libvirt().libvirtError):
        pool.refresh()
        return True
    return False


def _downloaded(host: HostConnection, volume: Any) -> bytes | None:
    module = libvirt()
    parts: list[bytes] = []
    with suppress(module.libvirtError):
        stream = host.connection.newStream()
        volume.download(stream, 0, headers.SIZE)
        while sum(map(len, parts)) < headers.SIZE and (part := stream.recv(headers.SIZE)):
            parts.append(part)
        stream.finish()
    return b"".join(parts) or None


# ------------------------------------------------------------------------------------------------ this machine


def is_here(host: HostConnection) -> bool:
    """Whether the host's files are this machine's: a local URI, and libvirt says the name that we have. A socket may be a tunnel."""
    if urlsplit(host.uri).hostname is not None:
        return False
    module = libvirt()
    with suppress(module.libvirtError):
        return _short(host.connection.getHostname()) == _short(socket.gethostname())
    return False


def _short(name: str) -> str:
    return name.partition(".")[0].lower()


def which_file(path: str) -> tuple[int, int] | None:
    """What the kernel knows a file by, whatever its name: of a device its number. None where there is none."""
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return None
    return (0, found.st_rdev) if stat.S_ISBLK(found.st_mode) else (found.st_dev, found.st_ino)


def first_bytes(path: str) -> bytes | None:
    """Of a regular file or a block device; None where it cannot be read. Opened without waiting, so that a pipe holds nobody up."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (OSError, ValueError):
        return None
    try:
        mode = os.fstat(descriptor).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISBLK(mode)):
            return None
        return os.pread(descriptor, headers.SIZE, 0)
    except OSError:
        return None
    finally:
        os.close(descriptor)
