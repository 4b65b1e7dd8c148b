"""What the XML of a running guest has besides its configuration, and how a dump of one is read as the configuration alone.

What libvirt writes only while a guest runs: virDomainDefFormatInternal without VIR_DOMAIN_DEF_FORMAT_INACTIVE (src/conf/domain_conf.c,
libvirt 9.0.0). What it changes in place, such as the CPU of host-model, cannot be read back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from vmspec.base.record import record
from vmspec.importing.definitions import Definition
from vmspec.importing.domain import from_tree
from vmspec.importing.frame import Xml
from vmspec.importing.xml import parse

RUNNING = re.compile(r"\s*[1-9][0-9]*\s*")
AUTOMATIC_CARD = re.compile(r"(vnet|vif|macvtap|macvlan)[0-9]+")
"""Names of devices that libvirt gives, and takes for none when it reads a definition (src/util/virnetdev.h)."""
OWN_FILES = re.compile(r".*/(domain-[0-9]+-|channel/target/).*")
PASSED_ON = ("serial", "parallel", "console", "channel", "redirdev", "rng", "smartcard")


@record(frozen=True)
class LiveParts:
    """What was left out of a dump of a running guest, in words, each once."""

    left_out: tuple[str, ...]
    cpu_as_it_runs: bool
    """Its CPU is written in full, as libvirt writes host-model while it runs."""

    def __str__(self) -> str:
        cpu = "; its CPU is the one that it runs with, which may have been host-model" if self.cpu_as_it_runs else ""
        return (
            f"this is a dump of a running guest: {', '.join(self.left_out)} {'are' if len(self.left_out) > 1 else 'is'} of the run alone "
            f"and left out{cpu}. `virsh dumpxml --inactive` prints the configuration"
        )


def configuration_of(definition: Definition) -> tuple[Definition, LiveParts | None]:
    """The definition without what is of the run alone; None where it is none of a running guest."""
    root = parse(definition.data)
    if RUNNING.fullmatch(root.get("id", "")) is None:
        return definition, None
    cpu = root.find("cpu")
    expanded = cpu is not None and cpu.get("mode") == "custom" and cpu.get("check") == "full"
    left = tuple(dict.fromkeys(what for part in PARTS for what in part(root)))
    read = from_tree(root, definition.source)
    return Definition(definition.source, definition.data, read), LiveParts(left, expanded)


# -------------------------------------------------------------------------------------------- what goes, and what it is called


def _identity(root: Xml) -> Iterator[str]:
    del root.attrib["id"]
    yield "its number (id)"
    for resource in root.findall("resource"):
        if resource.findtext("partition") == "/machine" and len(resource) == 1:
            root.remove(resource)
            yield "its place among control groups"


def _aliases(root: Xml) -> Iterator[str]:
    for alias in root.findall("./devices//alias"):
        if not alias.get("name", "").startswith("ua-"):
            _remove(alias)
            yield "aliases"


def _labels(root: Xml) -> Iterator[str]:
    for label in root.findall("seclabel"):
        if label.get("type") != "dynamic":
            continue
        for held in (*label.findall("label"), *label.findall("imagelabel")):
            label.remove(held)
            yield "security labels"
        if not len(label):
            root.remove(label)


def _disks(root: Xml) -> Iterator[str]:
    for disk in root.findall("./devices/disk"):
        for source in disk.iter("source"):
            if source.attrib.pop("index", None) is not None:
                yield "numbers of images"
        for tag, what in (("backingStore", "layers below images"), ("mirror", "copies of disks under way")):
            for layer in disk.findall(tag):
                disk.remove(layer)
                yield what


def _cards(root: Xml) -> Iterator[str]:
    for interface in root.findall("./devices/interface"):
        target, source = interface.find("target"), interface.find("source")
        if target is not None and AUTOMATIC_CARD.fullmatch(target.get("dev", "")):
            del target.attrib["dev"]
            yield "devices of interfaces (vnet)"
            if not target.attrib:
                interface.remove(target)
        if source is not None and interface.get("type") == "network" and source.attrib.pop("portid", None) is not None:
            source.attrib.pop("bridge", None)
            yield "ports of networks"


def _ends(root: Xml) -> Iterator[str]:
    for device in root.iterfind("./devices/*"):
        if device.tag not in PASSED_ON:
            continue
        source, target = device.find("source"), device.find("target")
        if device.attrib.pop("tty", None) is not None:
            yield "terminals"
        if target is not None and target.attrib.pop("state", None) is not None:
            yield "states of channels"
        if source is None:
            continue
        own = device.get("type") == "unix" and OWN_FILES.fullmatch(source.get("path", ""))
        if (device.get("type") == "pty" and source.get("path")) or own:
            device.remove(source)
            yield "sockets that libvirt made" if own else "terminals"


def _displays(root: Xml) -> Iterator[str]:
    for screen in root.findall("./devices/graphics"):
        if screen.get("autoport") == "yes":
            for port in ("port", "tlsPort"):
                if screen.get(port, "-1") != "-1":
                    screen.set(port, "-1")
                    yield "ports of displays"
        for listen in screen.findall("listen"):
            if listen.get("type") == "socket" and OWN_FILES.fullmatch(listen.get("socket", "")):
                del listen.attrib["socket"]
                screen.attrib.pop("socket", None)
                yield "sockets that libvirt made"


def _memory(root: Xml) -> Iterator[str]:
    for current in root.findall("./devices/memory/target/current"):
        _remove(current)
        yield "how much of memory devices is plugged"


def _remove(element: Xml) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


PARTS: tuple[Callable[[Xml], Iterator[str]], ...] = (_identity, _aliases, _labels, _disks, _cards, _ends, _displays, _memory)
