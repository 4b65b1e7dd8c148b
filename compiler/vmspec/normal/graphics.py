"""Displays: ports, listeners, and the video card that a display brings."""

from __future__ import annotations

from typing import Any

from vmspec.model.devices.graphics import Graphics, Listen
from vmspec.model.devices.video import Video
from vmspec.model.domain import Domain
from vmspec.model.machine import is_arm_virt, is_ppc64, is_riscv_virt, is_s390
from vmspec.model.value import Size, Symbol
from vmspec.normal.edit import filled, labelled, on_each, without
from vmspec.normal.target import Target

MIB = 1024 * 1024
_RAM = {"vga": 16, "cirrus": 16, "vmvga": 16, "bochs": 16, "xen": 4, "qxl": 64}


def displays(vm: Domain, target: Target) -> Domain:
    """Ports that libvirt chooses are -1 and autoport; the first listener is also an attribute
    (virDomainGraphicsDefParseXMLVNC, …Spice, virDomainGraphicsListensParseXML, virDomainGraphicsDefFormat, src/conf/domain_conf.c;
    virDomainDefPostParseGraphics, src/conf/domain_postparse.c 9.0.0)."""
    return on_each(vm, "graphics", lambda own: _display(own, target.lib_dir))


def _display(own: Graphics, lib_dir: str) -> Graphics:
    match own.type:
        case "vnc":
            return _vnc(_listening(own, lib_dir))
        case "spice":
            return _spice(_listening(own, lib_dir))
        case "rdp":
            return _rdp(_listening(own, lib_dir))
        case _:
            own = without(own, *(name for name in ("fullscreen", "p2p") if getattr(own, name) is False))
            if own.gl is not None and own.type == "egl-headless":
                return without(own, "gl") if own.gl.rendernode is None else own.but(gl=without(own.gl, "enable"))
            return own


def _listening(own: Graphics, lib_dir: str) -> Graphics:
    """One listener at least; the attributes of the display are those of the first."""
    listeners = list(own.listener)
    if not listeners:
        old = Listen(type=Symbol("socket"), socket=own.socket) if own.type == "vnc" and own.socket else None
        listeners = [old or Listen(type=Symbol("address"), **({"address": own.listen} if own.listen else {}))]
    first = listeners[0]
    if first.type == "address":
        first = filled(first, address=own.listen)
    if first.type == "socket":
        first = filled(first, socket=own.socket)
    elif own.type == "vnc" and own.socket is not None and first.type in ("address", "network"):
        first = labelled(Listen, first.label, type=Symbol("socket"), socket=own.socket)
    listeners[0] = first
    if own.type == "vnc":
        # A socket that an older libvirt made itself (qemuDomainRecheckInternalPaths, src/qemu/qemu_domain.c 9.0.0).
        made = [each.type == "socket" and (each.socket or "").startswith(lib_dir) for each in listeners]
        listeners = [labelled(Listen, e.label, type=Symbol("address")) if gone else e for e, gone in zip(listeners, made, strict=True)]
    return without(own, "listen", "socket").but(listener=tuple(_listener(each) for each in listeners))


def _listener(own: Listen) -> Listen:
    keep = {"address": ("address",), "network": ("network",), "socket": ("socket",)}.get(str(own.type), ())
    return without(own, *(name for name in ("address", "network", "socket") if name not in keep or not getattr(own, name)))


def _shown(own: Graphics) -> Graphics:
    first = own.listener[0]
    return own.but(listen=first.address) if first.type == "address" and first.address else own


def _vnc(own: Graphics) -> Graphics:
    auto = own.port in (None, -1)
    auto = auto if own.autoport is None else own.autoport
    first = own.listener[0]
    if own.passwd is None:
        own = without(own, "passwd_valid_to", "connected")
    if first.type == "socket":
        return without(own, "port", "autoport", "websocket").but(**({"socket": first.socket} if first.socket else {}))
    if first.type == "none":
        return without(own, "port", "autoport", "websocket")
    port = -1 if auto else own.port
    own = own.but(autoport=auto, port=port) if port else without(own, "port").but(autoport=auto)
    return _shown(own if own.websocket else without(own, "websocket"))


def _spice(own: Graphics) -> Graphics:
    auto = bool(own.autoport) or (own.port == -1 and own.tls_port == -1)
    ports: dict[str, Any] = {} if auto else {"port": own.port or 0, "tls_port": own.tls_port or 0}
    silent = not auto and not any(ports.values())
    if own.passwd is None:
        own = without(own, "passwd_valid_to", "connected")
    if own.listener[0].type == "address" and silent:
        own = own.but(listener=(labelled(Listen, own.listener[0].label, type=Symbol("none")), *own.listener[1:]))
    own = without(own, "port", "tls_port", "autoport", *(["default_mode"] if own.default_mode == "any" else []))
    if own.channels:
        own = own.but(channels={name: mode for name, mode in own.channels.items() if mode != "any"})
    if own.listener[0].type in ("address", "network"):
        own = _shown(own.but(autoport=auto, **{name: port for name, port in ports.items() if port}))
    return own


def _rdp(own: Graphics) -> Graphics:
    auto = bool(own.autoport) or own.port in (None, -1)
    gone = [name for name in ("replace_user", "multi_user") if not getattr(own, name)]
    own = without(own, "autoport", "port", *gone)
    own = own.but(autoport=True, port=0) if auto else own
    return _shown(own)


def videos(vm: Domain, target: Target) -> Domain:
    """The primary card first; one head, unless there is no card (virDomainDefParseXML, virDomainVideoModelDefParseXML,
    src/conf/domain_conf.c 9.0.0)."""
    cards = [filled(card, heads=1) for card in vm.video]
    cards = [card for card in cards if card.primary] + [card for card in cards if not card.primary]
    return vm.but(video=tuple(cards))


def cards(vm: Domain, target: Target) -> Domain:
    """A card for a display that has none (virDomainDefAddImplicitVideo, src/conf/domain_conf.c); the first is the primary one
    (virDomainDefPostParseVideo); its model and memory (qemuDomainDefaultVideoDevice, src/qemu/qemu_domain.c;
    virDomainVideoDefPostParse, src/conf/domain_postparse.c 9.0.0)."""
    if vm.graphics and not vm.video:
        vm = vm.but(video=(labelled(Video, "video0", heads=1),))
    if not vm.video:
        return vm
    default = _default_model(vm, target)
    whole = [_memory(filled(card, model=Symbol(default) if default else None)) for card in vm.video]
    first = whole[0]
    bare = {k: v for k, v in vars(first).items() if k in ("label", "alias", "model")}
    whole[0] = Video(**bare) if first.model == "none" else first.but(primary=True)
    return vm.but(video=tuple(without(card, "primary") if card.primary is False else card for card in whole))


def _default_model(vm: Domain, target: Target) -> str | None:
    if is_ppc64(vm):
        return "vga"
    if is_arm_virt(vm) or is_riscv_virt(vm) or is_s390(vm):
        return "virtio"
    return "cirrus" if target.has("cirrus-vga") else "vga" if target.has("VGA") else None


def _memory(card: Video) -> Video:
    usual = _RAM.get(str(card.model), 0) * MIB
    ram = card.ram or (usual if card.model == "qxl" else 0)
    vram = card.vram or usual
    vgamem = card.vgamem or (16 * MIB if card.model == "qxl" else 0)
    sizes = {"ram": _power_of_two(ram), "vram": _power_of_two(vram), "vram64": card.vram64 or 0, "vgamem": vgamem}
    card = without(card, *sizes)
    card = card.but(**{name: Size(size) for name, size in sizes.items() if size})
    return without(card, "heads") if card.heads == 0 else card


def _power_of_two(size: int) -> int:
    return 1 << (size - 1).bit_length() if size else 0
