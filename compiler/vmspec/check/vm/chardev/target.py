"""What a channel or smartcard shows the guest."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.addresses import misfit
from vmspec.check.queries.chardevs import sources
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.channel import Channel
from vmspec.model.devices.chardev import CONSOLE_TARGETS, SERIAL_TARGETS
from vmspec.model.domain import Domain


@rule(4804, "spicevmc-target", phase=Phase.DEFINE, needs="channel serial console parallel")
def spicevmc_target(vm: Domain) -> Iterator[Finding]:
    """
    What: `spicevmc()` on a device that is not a virtio channel.
    Why: libvirt 9.0.0 refuses it at define (virDomainChrDefParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: spicevmc device type only supports virtio.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; graphics { type = spice }; serial { source = spicevmc() } }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          graphics { type = spice }
          channel agent { source = spicevmc(); name = "com.redhat.spice.0" }
        }
    """
    for path, source, device in sources(vm):
        channel = isinstance(device, Channel) and device.target in (None, "virtio")
        if source.tag == "spicevmc" and not channel and path[0] not in ("redirdev", "smartcard"):
            yield Finding((*path, "source"), "spicevmc() is for a virtio channel")


@rule(4805, "guestfwd", phase=Phase.DEFINE, needs="channel")
def guestfwd(vm: Domain) -> Iterator[Finding]:
    """
    What: A guestfwd channel without an IPv4 address and port.
    Why: libvirt 9.0.0 refuses it at define (virDomainChrDefParseTargetXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; channel fwd { target = guestfwd; source = pipe("/tmp/fwd") } }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          channel fwd { target = guestfwd; source = pipe("/tmp/fwd"); forward-address = 10.0.2.1; forward-port = 4600 }
        }
    """
    for channel in vm.channel:
        if channel.target != "guestfwd":
            continue
        if not channel.forward_address or not channel.forward_port:
            yield Finding(("channel", channel.label), "guestfwd needs forward-address and forward-port")
        elif ":" in channel.forward_address:
            yield Finding(("channel", channel.label, "forward-address"), "guestfwd forwards an IPv4 address only")


@rule(4809, "duplicate-channel", phase=Phase.ACCEPTED, needs="channel")
def duplicate_channel(vm: Domain) -> Iterator[Finding]:
    """
    What: Two virtio channels have the same name.
    Why: The guest makes /dev/virtio-ports/NAME of it, and one of the two hides the other; libvirt accepts it at define, QEMU refuses it at
    start ("virtio-serial-bus: A port already exists by name", hw/char/virtio-serial-bus.c of QEMU 7.2).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          channel a { source = unix("/run/a.sock", mode = bind); name = "org.example.0" }
          channel b { source = unix("/run/b.sock", mode = bind); name = "org.example.0" }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          channel a { source = unix("/run/a.sock", mode = bind); name = "org.example.0" }
          channel b { source = unix("/run/b.sock", mode = bind); name = "org.example.1" }
        }
    """
    seen: dict[str, str] = {}
    for channel in vm.channel:
        if channel.name and channel.target in (None, "virtio"):
            first = seen.setdefault(channel.name, channel.label)
            if first != channel.label:
                yield Finding(
                    ("channel", channel.label, "name"),
                    f"channel {first} has the name {channel.name!r} already",
                    labels=((("channel", first, "name"), "the first"),),
                )


@rule(4810, "smartcard-address", phase=Phase.DEFINE, needs="smartcard")
def smartcard_address(vm: Domain) -> Iterator[Finding]:
    """
    What: A smartcard has another address than ccid, or there are two smartcards.
    Why: libvirt 9.0.0 refuses both at define (virDomainSmartcardDefValidate, src/conf/domain_validate.c; qemuValidateDomainSmartcardDef,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: this QEMU binary lacks multiple smartcard support.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          smartcard a { source = host-certificates(["c1", "c2", "c3"]) }
          smartcard b { source = host-certificates(["c1", "c2", "c3"]) }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; smartcard a { source = host-certificates(["c1", "c2", "c3"]) } }
    """
    for card in vm.smartcard:
        if card.address is not None and misfit(card):
            yield Finding(("smartcard", card.label, "address"), f"a smartcard has a ccid address, not {card.address.tag}")
    for card in vm.smartcard[1:]:
        yield Finding(("smartcard", card.label), "QEMU has one smartcard", labels=((("smartcard", vm.smartcard[0].label), "the first"),))


@rule(4813, "vdagent-target", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="channel serial console parallel")
def vdagent_target(vm: Domain) -> Iterator[Finding]:
    """
    What: `qemu-vdagent()` on a device that is not a virtio channel.
    Why: The agent in the guest, spice-vdagent, opens the virtio port com.redhat.spice.0 and nothing else (formatdomain, "Channel",
    qemu-vdagent; libvirt 9.0.0). Of spicevmc libvirt refuses the same; of this it does not.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; graphics { type = vnc }; serial { source = qemu-vdagent() } }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          graphics { type = vnc }
          channel agent { source = qemu-vdagent(); name = "com.redhat.spice.0" }
        }
    """
    for path, source, device in sources(vm):
        channel = isinstance(device, Channel) and device.target in (None, "virtio")
        if source.tag == "qemu-vdagent" and not channel:
            yield Finding((*path, "source"), "qemu-vdagent() is for a virtio channel")


_NUMBER = re.compile(r"-?[0-9]+")
"""virStrToLong_ui (src/util/virstring.c) takes a sign too."""


@rule(4859, "serial-or-console-target", phase=Phase.DEFINE, needs="serial console")
def serial_or_console_target(vm: Domain) -> Iterator[Finding]:
    """
    What: A console has the kind of a serial port, or a serial port that of a console.
    Why: The schema has one list for both; libvirt 9.0.0 refuses the other's at parse (virDomainChrTargetTypeFromString,
    src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: unknown target type 'isa-serial' specified for
    character device.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; console one { source = pty(); target = isa-serial } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; serial one { source = pty(); target = isa-serial } }
    """
    for kind, other, kinds in (("serial", "console", SERIAL_TARGETS), ("console", "serial", CONSOLE_TARGETS)):
        for device in getattr(vm, kind):
            if device.target is not None and device.target not in kinds:
                yield Finding((kind, device.label, "target"), f"{device.target} is the target of a {other}, not of a {kind}")


@rule(4815, "port-number", phase=Phase.DEFINE, needs="serial parallel console")
def port_number(vm: Domain) -> Iterator[Finding]:
    """
    What: The port of a serial line, parallel port or console is not a decimal number.
    Why: libvirt 9.0.0 refuses it at define (virDomainChrDefParseTargetXML, src/conf/domain_conf.c). A port of the host belongs into the
    source.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Invalid port number: 0x1f.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; serial { source = pty(); port = telnet } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; serial { source = tcp("127.0.0.1", "telnet", mode = bind); port = 0 } }
    """
    for kind in ("serial", "parallel", "console"):
        for device in getattr(vm, kind):
            if device.port is not None and not _NUMBER.fullmatch(str(device.port)):
                yield Finding((kind, device.label, "port"), f"port {device.port} is not a number")
