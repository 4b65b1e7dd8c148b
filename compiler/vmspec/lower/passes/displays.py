"""Completes displays: listen addresses, a video card, input devices, an audio backend.

libvirt 9.0.0 adds a card to every guest with graphics (src/qemu/qemu_domain.c, qemuDomainDefAddDefaultDevices), a PS/2 mouse and
keyboard to every x86 guest (qemuDomainDefAddImplicitInputDevice) and a sound backend to every guest (qemuDomainDefAddDefaultAudioBackend).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from vmspec.base.provenance import Path, Provenance
from vmspec.lower.fleet import Vm
from vmspec.lower.layout import AS_WRITTEN
from vmspec.lower.passes.change import Context, PassResult, derived, labelled
from vmspec.lower.passes.devices import natural
from vmspec.lower.passes.memo import reading
from vmspec.model.devices.audio import Audio
from vmspec.model.devices.graphics import Graphics, Listen
from vmspec.model.devices.input import Input
from vmspec.model.devices.video import Video
from vmspec.model.machine import is_x86
from vmspec.model.value import Size, Symbol

SCREEN = "libvirt gives a card to every guest with graphics; it is written out"
PS2 = "every x86 machine has a PS/2 mouse and keyboard; they are written out"
AUDIO = "libvirt gives a sound backend to every guest; it is written out"
NUMBER = "the smallest number that no other audio backend has"
LISTEN = "libvirt's own default, written out"
MIB = 1 << 20
QXL = {"ram": Size(64 * MIB), "vram": Size(64 * MIB), "vgamem": Size(16 * MIB)}
"""virDomainVideoDefaultRAM and qemuDomainDeviceVideoDefPostParse, libvirt 9.0.0."""
WITH_VRAM = ("vga", "cirrus", "vmvga", "bochs")


@reading("graphics", "video", "input", "audio", "arch", "features", layout=True)
def expand(vm: Vm, context: Context) -> PassResult:
    features: dict[str, object] = {}
    trails: dict[Path, Provenance] = {}
    if vm.spec.graphics:
        features["graphics"] = tuple(_graphics(vm, block, trails) for block in vm.spec.graphics)
    cards = vm.spec.video
    if not cards and vm.spec.graphics:
        cards = (labelled(Video, "video0", model=Symbol("vga")),)
        trails["video", "video0", "model"] = derived(vm, SCREEN, ("graphics", vm.spec.graphics[0].label))
    if cards:
        ordered = sorted(cards, key=natural) if context.lock.version < AS_WRITTEN else cards
        first = min(ordered, key=lambda card: not card.primary)
        features["video"] = tuple(_video(vm, card, card is first, trails) for card in cards)
    features["input"] = _inputs(vm, trails)
    if vm.spec.audio:
        features["audio"] = tuple(_numbered(vm, trails))
    else:
        spice = any(block.type == "spice" for block in vm.spec.graphics)
        features["audio"] = (labelled(Audio, "audio1", id=1, type=Symbol("spice" if spice else "none")),)
        trails["audio", "audio1", "id"] = trails["audio", "audio1", "type"] = derived(vm, AUDIO)
    return PassResult(features, trails)


def _numbered(vm: Vm, trails: dict[Path, Provenance]) -> Iterator[Audio]:
    """Audio backends, each with an id: the smallest that is free, in the order in which they are written."""
    taken = {block.id for block in vm.spec.audio}
    for block in vm.spec.audio:
        if block.id is None:
            block = block.but(id=next(number for number in count(1) if number not in taken))
            taken.add(block.id)
            trails["audio", block.label, "id"] = derived(vm, NUMBER, ("audio", block.label))
        yield block


def _graphics(vm: Vm, block: Graphics, trails: dict[Path, Provenance]) -> Graphics:
    here: Path = ("graphics", block.label)
    changed: dict[str, object] = {}
    if block.type in ("vnc", "spice"):
        if (
            block.port is None
            and block.autoport is None
            and block.socket is None
            and not any(x.type in ("socket", "none") for x in block.listener)
        ):
            changed["autoport"] = True
            if block.type == "vnc":
                changed["port"] = -1
        if not block.listener and block.socket is None:
            changed["listener"] = (labelled(Listen, "listen0", type=Symbol("address"), address=block.listen),)
        if block.port is not None and block.autoport is None:
            changed["autoport"] = block.port == -1
    for name in changed:
        trails[(*here, name)] = derived(vm, LISTEN, here)
    if "listener" in changed:
        trails[(*here, "listener", "listen0", "type")] = derived(vm, LISTEN, here)
    return block.but(**changed) if changed else block


def _video(vm: Vm, card: Video, first: bool, trails: dict[Path, Provenance]) -> Video:
    here: Path = ("video", card.label)
    model = card.model or Symbol("vga")
    wanted: dict[str, object] = {"model": model}
    if model != "none":
        wanted |= {"heads": 1} | ({"primary": True} if first else {})
        wanted |= QXL if model == "qxl" else {"vram": Size(16 * MIB)} if model in WITH_VRAM else {}
    changed = {name: value for name, value in wanted.items() if vars(card).get(name) is None}
    for name in changed:
        trails[(*here, name)] = derived(vm, LISTEN, here)
    return card.but(**changed) if changed else card


def _inputs(vm: Vm, trails: dict[Path, Provenance]) -> tuple[Input, ...]:
    ps2 = is_x86(vm.spec) and (vm.spec.features is None or vm.spec.features.ps2 is not False)
    made: list[Input] = []
    for block in vm.spec.input:
        if block.bus is None and block.type not in ("passthrough", "evdev"):
            block = block.but(bus=Symbol("ps2" if ps2 and block.type in ("mouse", "keyboard") else "usb"))
            trails["input", block.label, "bus"] = derived(vm, LISTEN, ("input", block.label))
        made.append(block)
    for kind in ("mouse", "keyboard") if ps2 else ():
        if not any(block.type == kind and block.bus == "ps2" for block in made):
            label = f"ps2-{kind}"
            made.append(labelled(Input, label, type=Symbol(kind), bus=Symbol("ps2")))
            trails["input", label, "type"] = trails["input", label, "bus"] = derived(vm, PS2)
    return tuple(made)
