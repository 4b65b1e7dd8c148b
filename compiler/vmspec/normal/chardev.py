"""Character devices: what stands at the host's end, ports, target types, and the console that is the first serial line."""

from __future__ import annotations

import re
from typing import Any

from vmspec.model.devices.channel import Channel
from vmspec.model.devices.chardev import (
    CharLog,
    DbusSource,
    NullSource,
    PtySource,
    SpiceVmcSource,
    StdioSource,
    TcpSource,
    UdpSource,
    UnixSource,
    VcSource,
)
from vmspec.model.devices.console import Console
from vmspec.model.devices.redirdev import Redirdev
from vmspec.model.devices.rng import Egd
from vmspec.model.devices.serial import Serial
from vmspec.model.devices.smartcard import Passthrough
from vmspec.model.domain import Domain
from vmspec.model.machine import serial_model, serial_target
from vmspec.model.value import Symbol
from vmspec.normal.edit import filled, labelled, on_each, without
from vmspec.normal.target import Target

ISA_PORTS = 4
"""VIR_MAX_ISA_SERIAL_PORTS, src/conf/domain_conf.h 9.0.0."""
_COMPAT = ("isa-serial", "spapr-vio-serial", "system-serial", "sclp-serial", None)
"""Serial lines that a console stands for (virDomainDefAddConsoleCompat, src/conf/domain_conf.c 9.0.0)."""


def parsed(vm: Domain, target: Target) -> Domain:
    """Type pty; mode connect; no path that libvirt chose itself; a protocol for TCP (virDomainChrDefParseXML,
    virDomainChrSourceDefParseXML, virDomainChrSourceDefFormat, src/conf/domain_conf.c 9.0.0)."""
    for kind in ("serial", "parallel", "console", "channel", "redirdev"):
        vm = on_each(vm, kind, _device)
    vm = on_each(vm, "redirdev", _redirected)
    vm = on_each(vm, "parallel", lambda device: without(device, "target", "model"))
    vm = on_each(vm, "smartcard", lambda card: card.but(source=_device(card.source)) if isinstance(card.source, Passthrough) else card)
    vm = on_each(vm, "rng", lambda rng: rng.but(backend=_device(rng.backend)) if isinstance(rng.backend, Egd) else rng)
    vm = _numbered(vm)
    return on_each(vm, "channel", lambda channel: _channel(channel, target))


def _device(device: Any) -> Any:
    device = without(device, "tty")
    log = device.log
    if isinstance(log, CharLog) and log.file is None:
        device = without(device, "log")
    return device.but(source=_source(device.source if device.source is not None else PtySource()))


def _redirected(own: Redirdev) -> Redirdev:
    """A D-Bus channel of its own (virDomainRedirdevDefParseXML, src/conf/domain_conf.c 9.0.0)."""
    return own.but(source=filled(own.source, channel="org.qemu.usbredir")) if isinstance(own.source, DbusSource) else own


def _source(source: Any) -> Any:
    again = getattr(source, "reconnect", None)
    if again is not None and again.enabled is not True:
        # Nothing but that it is off (virDomainChrSourceReconnectDefFormat).
        source = source.but(reconnect=without(again, "timeout")) if again.enabled is False else without(source, "reconnect")
    match source:
        case PtySource():
            return without(source, "path", "seclabel")
        case UnixSource():
            return without(filled(source, mode=Symbol("connect")), "protocol")
        case TcpSource():
            return filled(source, mode=Symbol("connect"), protocol=Symbol("raw"))
        case UdpSource():
            return without(source, "protocol")
        case NullSource() | VcSource() | StdioSource() | SpiceVmcSource():
            return without(source, "path")
        case _:
            return source


def _numbered(vm: Domain) -> Domain:
    """Parallel ports without a number get the next one; consoles are numbered as they stand (virDomainDefParseXML)."""
    top, parallels = -1, []
    for port in vm.parallel:
        port = filled(port, port=Symbol(str(top + 1)))
        top = max(top, int(port.port or 0))
        parallels.append(port)
    consoles = tuple(console.but(port=Symbol(str(number))) for number, console in enumerate(vm.console))
    return vm.but(parallel=tuple(parallels), console=tuple(without(console, "model") for console in consoles))


def _channel(channel: Channel, target: Target) -> Channel:
    """No state, and no path that libvirt made; one without a path listens (qemuDomainChrDefDropDefaultPath, qemuDomainChrDefPostParse,
    src/qemu/qemu_domain.c 9.0.0)."""
    channel = without(channel, "state")
    source = channel.source
    if not isinstance(source, UnixSource):
        return channel
    own = rf"^{re.escape(target.channel_dir)}/([^/]+\.)|(domain-[^/]+/){re.escape(channel.name or '')}$"
    if channel.target == "virtio" and source.path and re.search(own, source.path):
        source = without(source, "path")
    return channel.but(source=source if source.path is not None else without(source, "mode", "reconnect", "seclabel"))


def isa_ports(vm: Domain, target: Target) -> Domain:
    """ISA ports without a number take the lowest free ones (virDomainChrIsaSerialDefPostParse, src/conf/domain_postparse.c 9.0.0)."""
    used = {int(s.port) for s in vm.serial if s.target == "isa-serial" and s.port is not None}
    lines = []
    for line in vm.serial:
        if line.target == "isa-serial" and line.port is None:
            port = next((n for n in range(ISA_PORTS) if n not in used), None)
            if port is not None:
                used.add(port)
                line = line.but(port=Symbol(str(port)))
        lines.append(line)
    return vm.but(serial=tuple(lines))


def serials(vm: Domain, target: Target) -> Domain:
    """The machine's own type and its model; ports in order (qemuDomainChrDefPostParse, src/qemu/qemu_domain.c;
    virDomainChrDefPostParse, src/conf/domain_postparse.c 9.0.0)."""
    lines: list[Serial] = list(vm.serial)
    for at, line in enumerate(lines):
        if line.target is None or line.target == "isa-serial":
            kind = serial_target(vm)
            line = line.but(target=Symbol(kind)) if kind else without(line, "target")
        model = serial_model(vm, line.target)
        if line.model is None and model is not None:
            line = line.but(model=Symbol(model))
        if line.port is None:
            line = line.but(port=Symbol(str(max((int(s.port) for s in lines if s.port is not None), default=-1) + 1)))
        if isinstance(line.source, UnixSource) and line.source.path is None:
            line = line.but(source=without(line.source, "mode"))
        lines[at] = line
    return vm.but(serial=tuple(lines))


def consoles(vm: Domain, target: Target) -> Domain:
    """The first console of a machine is its first serial line: where one is, the other is made (virDomainDefAddConsoleCompat)."""
    lines, own = list(vm.serial), [c if c.target is not None else c.but(target=Symbol("serial")) for c in vm.console]
    if vm.os_type not in (None, "hvm"):
        return vm.but(console=tuple(own))
    if own and own[0].target == "serial":
        if not lines:
            first = {k: v for k, v in vars(own[0]).items() if k not in ("target", "model", "port", "label")}
            lines = [labelled(Serial, "serial0", **{**first, "port": Symbol("0")})]
    elif lines and lines[0].target in _COMPAT:
        own.insert(0, labelled(Console, "console0", target=Symbol("serial")))
    return serials(vm.but(serial=tuple(lines), console=tuple(own)), target)


def written_consoles(vm: Domain, target: Target) -> Domain:
    """The console that is a serial line is written with all that the line has (virDomainDefFormatInternalSetRootName,
    src/conf/domain_conf.c 9.0.0)."""
    if vm.os_type not in (None, "hvm"):
        return vm
    own = []
    for at, console in enumerate(vm.console):
        if console.target == "serial" and at < len(vm.serial):
            line = {k: v for k, v in vars(vm.serial[at]).items() if k not in ("target", "model", "label")}
            console = labelled(Console, console.label, **{**line, "target": Symbol("serial")})
        own.append(console)
    return vm.but(console=tuple(own))
