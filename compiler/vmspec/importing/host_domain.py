"""A domain's definition as a host gives it: libvirt's bytes, and the typed domain that they say, read once, when it is first asked for.

Reading into the model takes twenty times as long as parsing. The domains of a fleet differ in little, so that equal parts of them
(controllers, all that is no device) are read once for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from typing import Any, TypeVar

from lxml import etree

from vmspec.base.record import record
from vmspec.emit.artifact import Artifact
from vmspec.emit.raw import has_raw
from vmspec.importing.frame import ReadingSession, Xml
from vmspec.importing.read import read_block
from vmspec.importing.xml import NotXml, parse
from vmspec.model.block import Block, Many, schema
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import Device
from vmspec.model.devices.storage_parts import Encryption
from vmspec.model.domain import UNHASHED, Domain
from vmspec.model.intents import without_intents
from vmspec.model.layout import Blocks, Element, layout
from vmspec.model.walk import walk


@record(frozen=True)
class HostDefinition:
    """The bytes, which count where nothing may have changed in between, and what they say."""

    data: bytes

    @cached_property
    def domain(self) -> Domain:
        """Raises NotXml, and ValueError for another root element."""
        return read_host_domain(self.data)

    @property
    def mark(self) -> str | None:
        """Of the configuration that a running guest was started with: a deploy of ours put it there, and it goes when the guest ends."""
        found = _MARK.search(self.data)
        return None if found is None else found[1].decode()

    @cached_property
    def readable(self) -> Domain | None:
        """None where nobody can read it."""
        try:
            return self.domain
        except (NotXml, ValueError):
            return None


RUNNING = "https://vmspec.dev/xmlns/running/1"
"""The namespace of the mark of a running guest, in the metadata of its live XML alone."""
_MARK = re.compile(rb"<[^<>]*xmlns(?::[\w-]+)?=[\"']" + re.escape(RUNNING.encode()) + rb"[\"'][^<>]*started-with=[\"']([0-9a-f]{32})[\"']")


def mark_of(configuration: bytes) -> str:
    return sha256(configuration).hexdigest()[:32]


def source_hash(domain: Domain) -> str | None:
    """Of the source that a definition was made of, from our metadata."""
    return None if domain.origin is None else domain.origin.source


def read_host_domain(data: bytes) -> Domain:
    """Raises NotXml, and ValueError for another root element."""
    root = parse(data)
    if root.tag != "domain":
        raise ValueError(f"the root element is {root.tag!s}, not domain")
    found: dict[str, Any] = {}
    raw: dict[str, str] = {}
    for part in _parts(root):
        held = part if isinstance(part, Mapping) else _remembered(part)
        found |= held
        for place, text in held.get("raw", {}).items():
            raw[place] = raw.get(place, "") + text
    domain = Domain(**(found | ({"raw": raw} if raw else {})))
    return domain.but(disk=tuple(map(_with_one_secret, domain.disk))) if b"<encryption" in data else domain


def as_defined(spec: Domain, emitted: Artifact) -> Domain:
    """What an emitted definition says: the typed domain that it was made of, with the hash that emission gave it. Where it holds parts that
    the model does not know, or schedulers, which a source can write in two ways, it is read as a host's will be."""
    if has_raw(spec) or spec.vcpu_schedule or spec.iothread_schedule:
        return _with_labels(read_host_domain(emitted.data), spec)
    written = without_intents(spec)
    written = written.but(disk=tuple(map(_with_one_secret, written.disk))) if written.disk else written
    origin = written.origin
    return written if origin is None or origin.source != UNHASHED else written.but(origin=origin.but(source=emitted.digest))


def files_of_unknown_parts(domain: Domain) -> Iterator[str]:
    """Paths that parts outside the model name as a source which is written: neither a layer below an image nor marked as only read."""
    if not has_raw(domain):
        return
    for block in (domain, *(inner for _, inner in walk(domain))):
        for place, text in (vars(block).get("raw") or {}).items():
            element, _, attribute = place.rpartition("@")
            if attribute in SOURCE_FILES and element.rstrip("/").endswith("source"):
                yield text
            elif "<" in text:
                yield from _written_sources(parse(f"<raw>{text}</raw>".encode()))


SOURCE_FILES = ("file", "dev", "path")


def _written_sources(part: Xml) -> Iterator[str]:
    for source in part.iter("source"):
        around = source.getparent()
        read = around is not None and (around.tag == "backingStore" or {"readonly", "transient"} & {child.tag for child in around})
        path = next((source.get(name) for name in SOURCE_FILES if source.get(name)), None)
        if path and path.startswith("/") and not read:
            yield path


# ------------------------------------------------------------------------------------------------------- parts

OWN_ALIAS = "ua-"
"""What begins an alias that a definition gives (libvirt 9.0.0 src/conf/domain_conf.c, USER_ALIAS_PREFIX)."""
OWN = frozenset(("name", "uuid", "genid", "title", "description", "metadata"))
"""What each domain has of its own, beside its devices."""
KEPT = 8192
_known: dict[bytes, Mapping[str, Any]] = {}
_separate: list[frozenset[str]] = []


def _parts(root: Xml) -> list[Xml | Mapping[str, Any]]:
    """What is read apart: all that is no device, what is this domain's own, and the devices by their element. Elements of one name are
    read together, since they share the lines of the model, and no others have a say in that."""
    own = etree.Element("domain", nsmap=root.nsmap)
    if "id" in root.attrib:
        own.set("id", root.attrib.pop("id"))
    for child in [child for child in root if child.tag in OWN]:
        own.append(child)
    parts: list[Xml | Mapping[str, Any]] = []
    devices = root.findall("devices")
    groups: dict[str, Xml] = {}
    for child in list(devices[0]) if len(devices) == 1 else ():
        if isinstance(child.tag, str) and child.tag in _read_apart():
            if child.tag not in groups:
                groups[child.tag] = etree.Element("domain", nsmap=root.nsmap)
                etree.SubElement(groups[child.tag], "devices")
            child.tail = None
            groups[child.tag][0].append(child)
    if groups and not len(devices[0]):
        root.remove(devices[0])
    parts += [root, _read(own)]
    return [*parts, *groups.values()]


def _remembered(part: Xml) -> Mapping[str, Any]:
    key = etree.tostring(part)
    found = _known.get(key)
    if found is None:
        if len(_known) >= KEPT:
            _known.clear()
        found = _known[key] = _read(part)
    return found


def _read(part: Xml) -> Mapping[str, Any]:
    return {name: _called(held) for name, held in read_block(Domain, part, (), ReadingSession()).items()}


def _called(held: Any) -> Any:
    """Devices by the labels that a program gave them: what it emits has them as aliases, and controllers of PCI by their numbers."""
    if not isinstance(held, tuple) or not held or not isinstance(held[0], Device):
        return held
    return tuple(each if (label := _label(each)) is None else each.but(label=label) for each in held)


def _label(device: Device) -> str | None:
    alias = str(device.alias or "")
    if alias.startswith(OWN_ALIAS):
        return alias.removeprefix(OWN_ALIAS)
    if isinstance(device, Controller) and device.type is not None and device.index is not None:
        return f"{device.type}{'.' if device.type == 'pci' else ''}{device.index}"
    return None


def _read_apart() -> frozenset[str]:
    """The elements below `devices` that stand for lists of the domain's own blocks, and for nothing else."""
    if not _separate:
        devices = layout(Domain).root.by_tag["devices"]
        found: frozenset[str] = frozenset()
        for each in devices:
            assert isinstance(each, Element)
            found |= {tag for tag, lines in each.by_tag.items() if all(isinstance(line, Blocks) and line.scope == 0 for line in lines)}
        _separate.append(found)
    return _separate[0]


def _with_labels(domain: Domain, spec: Domain) -> Domain:
    """With the program's labels: emission writes the typed blocks of a list first, in their order."""
    changed: dict[str, tuple[Block, ...]] = {}
    for field in schema(Domain):
        if isinstance(field.line, Many):
            read: tuple[Block, ...] = vars(domain).get(field.python) or ()
            own: tuple[Block, ...] = vars(spec).get(field.python) or ()
            if own and len(read) >= len(own):
                changed[field.python] = (*(a.but(label=b.label) for a, b in zip(read, own, strict=False)), *read[len(own) :])
    return domain.but(**changed) if changed else domain


T = TypeVar("T", bound=Block)


def _with_one_secret(block: T) -> T:
    """One passphrase alone can be read as the list of them too; here it is the one that sources write."""
    if isinstance(block, Encryption) and block.secret is None and len(block.passphrases) == 1:
        (only,) = block.passphrases
        if only.type == "passphrase" and only.secret_uuid is None:
            return block.but(passphrases=(), secret=only.secret)
    inner = {name: _with_one_secret(value) for name, value in vars(block).items() if isinstance(value, Block)}
    changed = {name: value for name, value in inner.items() if value is not vars(block)[name]}
    return block.but(**changed) if changed else block
