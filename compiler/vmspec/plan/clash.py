"""Files of a host that two domains would write: images, firmware variables, TPM state, sockets, consoles.

QEMU locks image files, and neither block devices nor any of the others; what two guests write is lost. A definition is read as XML and
not into the model, since those of others are looked at too, and there may be thousands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from posixpath import normpath
from typing import TypeAlias
from xml.etree import ElementTree

from vmspec.base.record import field, record, replace

FileKey: TypeAlias = tuple[str, ...]
XmlElement: TypeAlias = ElementTree.Element
REMOVABLE = ("cdrom",)
NOWHERE = ("/dev/null", "/dev/zero", "/dev/full")


@record(frozen=True)
class FileUse:
    """A file and what it is to a domain. `below`: it is read, as the layer below an image, and must not change."""

    key: FileKey
    what: str
    shareable: bool = False
    below: bool = False

    @property
    def shown(self) -> str:
        kind, *rest = self.key
        return rest[0] if kind == "path" else f"{kind} {'/'.join(rest)}"

    def clashes(self, other: FileUse) -> bool:
        if self.key != other.key or (self.below and other.below):
            return False
        return not (self.shareable and other.shareable)


def _itself(key: FileKey) -> FileKey:
    return key


def _unseen(_: str) -> bool | None:
    return None


@record(frozen=True)
class HostPlaces:
    """What a host says of places: the folder of firmware variables, and one key for all names of a file."""

    variables: str | None = None
    one: Callable[[FileKey], FileKey] = field(default=_itself, compare=False)
    """Of a volume the path of its image, of a link where it leads."""
    exists: Callable[[str], bool | None] = field(default=_unseen, compare=False)
    """Whether a file is there; None where that cannot be seen from here."""


def uses(data: bytes, places: HostPlaces) -> list[FileUse]:
    """Of one definition; none where it cannot be read."""
    root = tree(data)
    if root is None:
        return []
    found = [use for part in PARTS for use in part(root, places)]
    return [FileUse(places.one(use.key), use.what, use.shareable, use.below) for use in found if use.key[-1] not in NOWHERE]


def tree(data: bytes) -> XmlElement | None:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return None
    try:
        return ElementTree.fromstring(data)
    except ElementTree.ParseError:
        return None


# ------------------------------------------------------------------------------------------------------- images


def _disks(root: XmlElement, _: HostPlaces) -> Iterator[FileUse]:
    for disk in root.iterfind("./devices/disk"):
        key = image_key(disk.find("source"))
        reads = disk.find("readonly") is not None or disk.find("transient") is not None or disk.get("device") in REMOVABLE
        if key is not None and not reads:
            yield FileUse(key, "image", shareable=disk.find("shareable") is not None)
        yield from (FileUse(key, "image", below=True) for key in _below(disk))
        for place, what in (("mirror/source", "copy"), ("source/dataStore/source", "image")):
            key = image_key(disk.find(place))
            if key is not None and not reads:
                yield FileUse(key, what)


def _below(disk: XmlElement) -> Iterator[FileKey]:
    layer = disk.find("backingStore")
    while layer is not None:
        key = image_key(layer.find("source"))
        if key is not None:
            yield key
        layer = layer.find("backingStore")


def image_key(source: XmlElement | None) -> FileKey | None:
    if source is None:
        return None
    held = source.attrib
    path = held.get("file") or held.get("dev")
    if path:
        return "path", normpath(path)
    if held.get("pool") and held.get("volume"):
        return "volume", held["pool"], held["volume"]
    if held.get("protocol") and held.get("name"):
        hosts = sorted(f"{host.get('name', host.get('socket', ''))}:{host.get('port', '')}" for host in source.iterfind("host"))
        return held["protocol"], held["name"], *hosts
    address = source.find("address")
    if held.get("namespace") and address is not None:
        numbers = (int(address.get(part, "0"), 16) for part in ("domain", "bus", "slot", "function"))
        return "nvme", *map(str, numbers), held["namespace"]
    return None


# --------------------------------------------------------------------------------------------- firmware and TPM


def _variables(root: XmlElement, places: HostPlaces) -> Iterator[FileUse]:
    os = root.find("os")
    if os is None:
        return
    loader, nvram = os.find("loader"), os.find("nvram")
    if loader is not None and loader.get("readonly") == "no" and loader.get("type") == "pflash" and loader.text:
        yield FileUse(("path", normpath(loader.text.strip())), "firmware")
    key = variables_key(os, str(root.findtext("name")), places)
    if key is not None:
        yield FileUse(key, "firmware variables")
    elif nvram is not None and (other := image_key(nvram.find("source"))) is not None:
        yield FileUse(other, "firmware variables")


def variables_key(os: XmlElement, name: str, places: HostPlaces) -> FileKey | None:
    """Of the file of the variables: as it is written, or as libvirt names it after the domain (qemuDomainNVRAMPathFormat)."""
    nvram, loader = os.find("nvram"), os.find("loader")
    if nvram is not None and nvram.text and nvram.text.strip():
        return "path", normpath(nvram.text.strip())
    if nvram is not None and nvram.find("source") is not None:
        return None
    stateless = loader is not None and (loader.get("stateless") == "yes" or loader.get("type") == "rom")
    if stateless or not (os.get("firmware") == "efi" or (loader is not None and loader.get("type") == "pflash")):
        return None
    return ("variables", name) if places.variables is None else ("path", f"{places.variables}/{name}_VARS.fd")


def own_variables(data: bytes, name: str, uuid: str, others: Iterable[FileKey], places: HostPlaces) -> str | None:
    """Another path for the variables of a domain that says none, where the one that libvirt would choose is taken; else None."""
    root = tree(data)
    os = None if root is None else root.find("os")
    nvram = None if os is None else os.find("nvram")
    if os is None or (nvram is not None and ((nvram.text or "").strip() or nvram.find("source") is not None)):
        return None
    key = variables_key(os, name, places)
    usual = f"/{name}_VARS.fd"
    taken = next((other[1] for other in others if key is not None and (other == key or _would_be(key, other, usual))), None)
    return None if taken is None or not taken.endswith(usual) else f"{taken.removesuffix(usual)}/{name}-{uuid[:8]}_VARS.fd"


def _would_be(key: FileKey, other: FileKey, usual: str) -> bool:
    """Where the folder is not known."""
    return key[0] == "variables" and other[0] == "path" and other[1].endswith(usual)


def _tpm(root: XmlElement, _: HostPlaces) -> Iterator[FileUse]:
    for backend in root.iterfind("./devices/tpm/backend"):
        kind = {"emulator": "source", "passthrough": "device"}.get(backend.get("type", ""))
        part = None if kind is None else backend.find(kind)
        path = None if part is None else part.get("path")
        if path:
            yield FileUse(("path", normpath(path)), "TPM state" if kind == "source" else "TPM")


# ------------------------------------------------------------------------------------- consoles, sockets, memory

CHARACTER = ("serial", "parallel", "console", "channel", "redirdev", "smartcard")
WRITTEN = ("file", "pipe", "dev")


def _consoles(root: XmlElement, _: HostPlaces) -> Iterator[FileUse]:
    devices = root.find("devices")
    for device in () if devices is None else devices:
        ends = [device] if device.tag in CHARACTER else device.findall("backend") if device.tag == "rng" else []
        for end in ends:
            yield from _end(end, device.tag)
            log = end.find("log")
            if log is not None and log.get("file"):
                yield FileUse(("path", normpath(log.get("file", ""))), f"log of a {device.tag}")


def _end(end: XmlElement, tag: str) -> Iterator[FileUse]:
    for source in end.iterfind("source"):
        path, kind = source.get("path"), end.get("type")
        if path and (kind in WRITTEN or (kind == "unix" and source.get("mode") == "bind")):
            yield FileUse(("path", normpath(path)), f"socket of a {tag}" if kind == "unix" else tag)


SOCKETS = (
    ("./devices/interface/source[@mode='server']", "path", "socket of an interface"),
    ("./devices/graphics/listen[@type='socket']", "socket", "socket of a display"),
    ("./devices/graphics", "socket", "socket of a display"),
    ("./devices/audio[@type='file']", "path", "audio"),
)


def _sockets(root: XmlElement, _: HostPlaces) -> Iterator[FileUse]:
    for place, attribute, what in SOCKETS:
        for element in root.iterfind(place):
            path = element.get(attribute)
            if path and not (element.tag == "source" and element.get("type") != "unix"):
                yield FileUse(("path", normpath(path)), what)


def _memory(root: XmlElement, _: HostPlaces) -> Iterator[FileUse]:
    for memory in root.iterfind("./devices/memory"):
        path = memory.findtext("source/path")
        written = memory.get("access") != "private" and memory.find("target/readonly") is None
        if path and written and memory.get("model") in ("nvdimm", "virtio-pmem"):
            yield FileUse(("path", normpath(path.strip())), f"{memory.get('model')} memory")
    for path in (element.findtext("path") for element in root.iterfind("./devices/pstore")):
        if path:
            yield FileUse(("path", normpath(path.strip())), "persistent store")


DomainPart: TypeAlias = Callable[[XmlElement, HostPlaces], Iterator[FileUse]]
PARTS: tuple[DomainPart, ...] = (_disks, _variables, _tpm, _consoles, _sockets, _memory)


# ---------------------------------------------------------------------------------------------------- who with whom


@record(frozen=True)
class DomainFiles:
    """A domain of a host as it is (`now`), and as it would be (`then`)."""

    uuid: str
    name: str
    ours: bool
    now: tuple[FileUse, ...] = ()
    then: tuple[FileUse, ...] = ()
    acts: bool = False
    """It is to be defined, started or restarted."""
    running: bool = False


@record(frozen=True)
class Clash:
    """One file, and who else would write it."""

    use: FileUse
    other: DomainFiles
    theirs: FileUse
    way: tuple[str, ...] = ()
    """Of files that go round: the domains, in the order in which each waits for the next."""

    @property
    def leaves(self) -> bool:
        """The other has it now, and no longer after this deploy."""
        return self.other.acts and self.theirs in self.other.now and self.theirs not in self.other.then

    def __str__(self) -> str:
        whose = self.other.name if self.other.ours else f"{self.other.name}, which is not ours,"
        if self.way:
            round_ = " → ".join((*self.way, self.way[0]))
            return f"{self.use.shown} is to go from {self.other.name} to it, and so round ({round_}): first deploy one of them without"
        if self.leaves:
            until = "until it has been restarted" if self.other.running else "until this deploy is done"
            return f"{self.use.shown} ({self.use.what}) is that of {whose} {until}: deploy once more after that"
        if self.use.below:
            return f"it reads {self.use.shown} below an image, and {whose} would write it"
        if self.theirs.below:
            return f"it would write {self.use.shown}, and {whose} reads that below an image"
        return f"it and {whose} would both write {self.use.shown} ({self.use.what}{_also(self.use, self.theirs)})"


def _also(use: FileUse, theirs: FileUse) -> str:
    return "" if use.what == theirs.what else f" here, {theirs.what} there"


def clashes(holders: Sequence[DomainFiles]) -> dict[str, list[Clash]]:
    """By UUID. Of one that acts: what it would write and another writes or would write; but what it has already is not counted against it
    where the other is only about to take it. Of one that does not: what both write as they are."""
    index: dict[FileKey, list[tuple[DomainFiles, FileUse]]] = {}
    for holder in holders:
        for use in dict.fromkeys((*holder.now, *holder.then)):
            index.setdefault(use.key, []).append((holder, use))
    found: dict[str, list[Clash]] = {}
    for holder in holders:
        mine = _mine(holder)
        for use in mine:
            for other, theirs in index[use.key] if len(index[use.key]) > 1 else ():
                if other.uuid != holder.uuid and use.clashes(theirs) and _counts(holder, use, other, theirs):
                    found.setdefault(holder.uuid, []).append(Clash(use, other, theirs))
    waits = {uuid: [clash.other for clash in some if clash.leaves] for uuid, some in found.items()}
    names = {holder.uuid: holder.name for holder in holders}
    return {uuid: [_going_round(clash, uuid, names, waits) for clash in some] for uuid, some in found.items()}


def _going_round(clash: Clash, uuid: str, names: Mapping[str, str], waits: Mapping[str, list[DomainFiles]]) -> Clash:
    """With the way on which what it waits for waits for it, if there is one."""
    seen = {clash.other.uuid}
    ways: list[tuple[str, ...]] = [(uuid, clash.other.uuid)] if clash.leaves else []
    while ways:
        way = ways.pop(0)
        for other in waits.get(way[-1], ()):
            if other.uuid == uuid:
                return replace(clash, way=tuple(names[each] for each in way))
            if other.uuid not in seen:
                seen.add(other.uuid)
                ways.append((*way, other.uuid))
    return clash


def _mine(holder: DomainFiles) -> Iterable[FileUse]:
    return dict.fromkeys(holder.then if holder.acts else holder.now)


def _counts(holder: DomainFiles, use: FileUse, other: DomainFiles, theirs: FileUse) -> bool:
    if theirs in other.now:
        return True
    return holder.acts and use not in holder.now
