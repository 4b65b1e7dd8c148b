"""Which files of its host a domain writes, and which it reads below an image: images, firmware variables, TPM state, sockets, consoles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from posixpath import normpath
from typing import TypeAlias

from vmspec.base.record import field, record
from vmspec.importing.host_domain import files_of_unknown_parts
from vmspec.model.block import Block
from vmspec.model.devices import chardev
from vmspec.model.devices.network import VhostUserSource
from vmspec.model.devices.storage import BlockSource, CtlSource, FileSource, NvmeSource, VhostVdpaSource, VolumeSource
from vmspec.model.devices.storage_net import NetworkSource
from vmspec.model.domain import Domain

FileKey: TypeAlias = tuple[str, ...]
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


def uses(domain: Domain, places: HostPlaces) -> list[FileUse]:
    """Of one definition."""
    found = [use for part in PARTS for use in part(domain, places)]
    return [FileUse(places.one(use.key), use.what, use.shareable, use.below) for use in found if use.key[-1] not in NOWHERE]


def uses_of(definitions: Iterable[Domain | None], places: HostPlaces) -> tuple[FileUse, ...]:
    """Of several of one domain, each once."""
    return tuple(dict.fromkeys(use for each in definitions if each is not None for use in uses(each, places)))


def _path(path: str) -> FileKey:
    return "path", normpath(path.strip())


# ------------------------------------------------------------------------------------------------------- images


def _disks(domain: Domain, _: HostPlaces) -> Iterator[FileUse]:
    for disk in domain.disk:
        key = image_key(disk.source)
        reads = bool(disk.readonly or disk.transient) or str(disk.device) in REMOVABLE
        if key is not None and not reads:
            yield FileUse(key, "image", shareable=bool(disk.shareable))
        layer = disk.backing_store
        while layer is not None:
            below = image_key(layer.source)
            if below is not None:
                yield FileUse(below, "image", below=True)
            layer = layer.backing_store
        copy = None if disk.mirror is None else image_key(disk.mirror.source)
        store = None if disk.source is None else vars(disk.source).get("data_store")
        data = image_key(store.source) if store is not None else None
        for other, what in ((copy, "copy"), (data, "image")):
            if other is not None and not reads:
                yield FileUse(other, what)


def image_key(source: Block | None) -> FileKey | None:
    match source:
        case VolumeSource():
            return ("volume", source.pool, source.volume) if source.pool and source.volume else None
        case NvmeSource():
            numbers = (source.domain, source.bus, source.slot, source.function)
            return ("nvme", *(str(number or 0) for number in numbers), str(source.namespace)) if source.namespace else None
        case NetworkSource():
            servers = vars(source).get("hosts") or vars(source).get("monitors") or ()
            return (source.tag, source.name, *sorted(map(str, servers))) if source.name else None
        case FileSource() | BlockSource() | VhostVdpaSource() | CtlSource():
            return _path(source.path) if source.path else None
        case _:
            return None


# --------------------------------------------------------------------------------------------- firmware and TPM


def _variables(domain: Domain, places: HostPlaces) -> Iterator[FileUse]:
    firmware = domain.firmware
    if firmware is None:
        return
    if firmware.loader_readonly is False and firmware.loader_type == "pflash" and firmware.loader:
        yield FileUse(_path(firmware.loader), "firmware")
    key = variables_key(domain, str(domain.name), places)
    if key is None and firmware.nvram is not None:
        key = image_key(firmware.nvram.source)
    if key is not None:
        yield FileUse(key, "firmware variables")


def variables_key(domain: Domain, name: str, places: HostPlaces) -> FileKey | None:
    """Of the file of the variables: as it is written, or as libvirt names it after the domain (qemuDomainNVRAMPathFormat)."""
    firmware = domain.firmware
    if firmware is None:
        return None
    nvram = firmware.nvram
    if nvram is not None and nvram.path:
        return _path(nvram.path)
    if nvram is not None and nvram.source is not None:
        return None
    stateless = firmware.stateless or firmware.loader_type == "rom"
    if stateless or not (firmware.type == "efi" or firmware.loader_type == "pflash"):
        return None
    return ("variables", name) if places.variables is None else ("path", f"{places.variables}/{name}_VARS.fd")


def own_variables(domain: Domain, name: str, uuid: str, others: Iterable[FileKey], places: HostPlaces) -> str | None:
    """Another path for the variables of a domain that says none, where the one that libvirt would choose is taken; else None."""
    nvram = None if domain.firmware is None else domain.firmware.nvram
    if nvram is not None and (nvram.path or nvram.source is not None):
        return None
    key = variables_key(domain, name, places)
    if key is None:
        return None
    usual = f"/{name}_VARS.fd"
    taken = next((other[1] for other in others if other == key or _would_be(key, other, usual)), None)
    return None if taken is None or not taken.endswith(usual) else f"{taken.removesuffix(usual)}/{name}-{uuid[:8]}_VARS.fd"


def _would_be(key: FileKey, other: FileKey, usual: str) -> bool:
    """Where the folder is not known."""
    return key[0] == "variables" and other[0] == "path" and other[1].endswith(usual)


def _tpm(domain: Domain, _: HostPlaces) -> Iterator[FileUse]:
    for tpm in domain.tpm:
        if tpm.backend == "emulator" and tpm.source:
            yield FileUse(_path(tpm.source), "TPM state")
        if tpm.backend == "passthrough" and tpm.device:
            yield FileUse(_path(tpm.device), "TPM")


# ------------------------------------------------------------------------------------- consoles, sockets, memory

CHARACTER = ("serial", "parallel", "console", "channel", "redirdev", "smartcard")


def _consoles(domain: Domain, _: HostPlaces) -> Iterator[FileUse]:
    for tag in (*CHARACTER, "rng"):
        for device in vars(domain).get(tag) or ():
            held = vars(device).get("backend" if tag == "rng" else "source")
            # Of a card that is passed through, and of a daemon of random numbers, the end is one step further in.
            inner = None if held is None else vars(held).get("source")
            yield from _end(inner if isinstance(inner, Block) else held, tag)
            for holder in (device, held):
                log = None if holder is None else vars(holder).get("log")
                if log is not None and log.file:
                    yield FileUse(_path(log.file), f"log of a {tag}")


def _end(source: Block | None, tag: str) -> Iterator[FileUse]:
    match source:
        case chardev.UnixSource() if source.path and source.mode == "bind":
            yield FileUse(_path(source.path), f"socket of a {tag}")
        case chardev.DevSource() | chardev.FileSource() | chardev.PipeSource() if source.path:
            yield FileUse(_path(source.path), tag)
        case _:
            pass


def _sockets(domain: Domain, _: HostPlaces) -> Iterator[FileUse]:
    for interface in domain.interface:
        source = interface.source
        if isinstance(source, VhostUserSource) and source.mode == "server" and source.path:
            yield FileUse(_path(source.path), "socket of an interface")
    for display in domain.graphics:
        for socket in (*(listener.socket for listener in display.listener), display.socket):
            if socket:
                yield FileUse(_path(socket), "socket of a display")
    for audio in domain.audio:
        if audio.type == "file" and audio.path:
            yield FileUse(_path(audio.path), "audio")


def _memory(domain: Domain, _: HostPlaces) -> Iterator[FileUse]:
    for memory in domain.memory_device:
        written = memory.access != "private" and not memory.readonly
        if memory.path and written and memory.model in ("nvdimm", "virtio-pmem"):
            yield FileUse(_path(memory.path), f"{memory.model} memory")
    if domain.pstore is not None and domain.pstore.path:
        yield FileUse(_path(domain.pstore.path), "persistent store")


def _unknown(domain: Domain, _: HostPlaces) -> Iterator[FileUse]:
    yield from (FileUse(_path(path), "file of a part that the model does not know") for path in files_of_unknown_parts(domain))


DomainPart: TypeAlias = Callable[[Domain, HostPlaces], Iterator[FileUse]]
PARTS: tuple[DomainPart, ...] = (_disks, _variables, _tpm, _consoles, _sockets, _memory, _unknown)
