"""Character devices and where they lead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from vmspec.base.provenance import Path
from vmspec.check.rule import Finding
from vmspec.model.block import Block
from vmspec.model.devices.channel import Channel
from vmspec.model.devices.chardev import DbusSource, DevSource, FileSource, PipeSource, SpicePortSource, TcpSource, UdpSource, UnixSource
from vmspec.model.devices.redirdev import Redirdev
from vmspec.model.devices.rng import Egd
from vmspec.model.devices.serial import Serial
from vmspec.model.devices.smartcard import Passthrough
from vmspec.model.domain import Domain
from vmspec.model.machine import serial_target

_SENDS = re.compile(r"<source\b(?![^>]*\bmode=.bind)[^>]*\bservice=")


def sources(vm: Domain) -> Iterator[tuple[Path, Block, Block]]:
    """Of every character device its path, its source and itself; those of smartcards and random number devices too.

    Not of a console that is another way to name the first serial port: libvirt drops its source (virDomainDefAddConsoleCompat,
    src/conf/domain_conf.c 9.0.0).
    """
    for kind in ("serial", "parallel", "console", "channel", "redirdev"):
        for at, device in enumerate(getattr(vm, kind)):
            named = kind == "console" and at == 0 and vm.serial and device.target in (None, "serial")
            if device.source is not None and not named:
                yield (kind, device.label), device.source, device
    for card in vm.smartcard:
        if isinstance(card.source, Passthrough) and card.source.source is not None:
            yield ("smartcard", card.label, "source"), card.source.source, card
    for rng in vm.rng:
        if isinstance(rng.backend, Egd) and rng.backend.source is not None:
            yield ("rng", rng.label, "backend"), rng.backend.source, rng


def missing_part(source: Block, device: Block) -> str | None:
    """What a source lacks without which libvirt refuses it (virDomainChrSourceDefValidate, src/conf/domain_validate.c 9.0.0)."""
    match source:
        case FileSource() | DevSource() | PipeSource():
            return None if source.path else "a path"
        case TcpSource():
            return None if source.host and source.service else "a host and a port"
        case UdpSource():
            # A source without a mode sends too (virDomainChrSourceDefParseXML, src/conf/domain_conf.c 9.0.0); the model keeps it as XML.
            unread = any(_SENDS.search(part) for part in device.raw.values())
            return None if source.service or unread else "a port to send to"
        case UnixSource():
            chosen = isinstance(device, Channel) and device.target in (None, "virtio", "xen")
            return None if source.path or chosen else "a path"
        case DbusSource() if isinstance(device, Redirdev):
            return None  # libvirt has a name for it (virDomainRedirdevDefParseXML, src/conf/domain_conf.c 9.0.0)
        case SpicePortSource() | DbusSource():
            return None if source.channel else "a channel"
        case _:
            return None


def serial_kind(vm: Domain, serial: Serial) -> str | None:
    """The target of a serial port: as written, or the machine's own where none or isa-serial is (qemuDomainChrDefPostParse,
    src/qemu/qemu_domain.c 9.0.0); None where the machine has none of its own."""
    if serial.target not in (None, "isa-serial"):
        return str(serial.target)
    return serial_target(vm)


def is_generated(source: UnixSource, device: Block) -> bool:
    """Whether libvirt chooses the socket, or takes its path for one that it chose (qemuDomainChrDefDropDefaultPath, libvirt 9.0.0)."""
    if not source.path:
        return True
    if not isinstance(device, Channel) or device.target not in (None, "virtio") or not device.name:
        return False
    folder, _, name = source.path.rpartition("/")
    return name == device.name and folder.rpartition("/")[2].startswith("domain-")


ISA_PORTS = 4
"""VIR_MAX_ISA_SERIAL_PORTS, src/conf/domain_conf.h 9.0.0."""


def isa_port_conflicts(ports: Sequence[Serial]) -> Iterator[Finding]:
    """What keeps serial ports from being a PC's: their count, a number that there is not, a number twice."""
    seen: dict[int, str] = {}
    for serial in ports:
        if not str(serial.port).isdecimal():
            continue
        at, number = ("serial", serial.label, "port"), int(str(serial.port))
        first = seen.setdefault(number, serial.label)
        if number >= ISA_PORTS:
            yield Finding(at, f"a PC has serial ports 0 to {ISA_PORTS - 1}, not {number}")
        elif first != serial.label:
            yield Finding(at, f"serial {first} is at port {number} already", labels=((("serial", first), "the first"),))
    if len(ports) > ISA_PORTS:
        more = "use target = pci-serial or usb-serial for more"
        yield Finding(("serial", ports[ISA_PORTS].label), f"a PC has {ISA_PORTS} serial ports, not {len(ports)}", help=more)
