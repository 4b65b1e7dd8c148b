"""Displays and video cards of one VM together."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu

IMPLIED = "graphics0"
"""What `graphics { … }` without a label is called."""


@rule(4819, "graphics-twice", phase=Phase.START, needs="graphics")
def graphics_twice(vm: Domain) -> Iterator[Finding]:
    """
    What: A VM has two displays of one type: two vnc, two spice.
    Why: QEMU has one server of each; libvirt 9.0.0 accepts the definition and refuses the start. A `graphics { … }` without a label is
    another display than `graphics vnc { … }`: beside that of a profile it makes a second one, and what one of the two says, a password for
    instance, is not said of the other.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it; start refuses it: unsupported configuration: only 1 graphics device of each type
    (sdl, vnc, spice, headless, dbus) is supported.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; graphics a { type = vnc }; graphics b { type = vnc } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; graphics a { type = vnc }; graphics b { type = spice } }
    """
    first: dict[str, str] = {}
    for each in vm.graphics if is_qemu(vm) else ():
        if each.type is None:
            continue
        other = first.setdefault(str(each.type), each.label)
        if other == each.label:
            continue
        # The one with a label of its own is the user's, as a rule; the other one is that of a profile.
        at, beside = (other, each.label) if each.label == IMPLIED else (each.label, other)
        mixed = IMPLIED in (at, beside)
        yield Finding(
            ("graphics", at),
            f"graphics {at} is a second {each.type} display beside graphics {beside}, and QEMU has one of each type",
            labels=((("graphics", beside), f"the display {beside}"),),
            help=f"`graphics {{ … }}` without a label is {IMPLIED}: leave the label out to speak of that one" if mixed else None,
        )


@rule(4840, "none-and-others", phase=Phase.DEFINE, needs="video")
def none_and_others(vm: Domain) -> Iterator[Finding]:
    """
    What: A video card of model none is not the only one.
    Why: libvirt 9.0.0 refuses it at define (virDomainVideoDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: a 'none' video type must be the only video device
    defined for the domain.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; video a { model = none }; video b { model = vga } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; video a { model = none } }
    """
    if len(vm.video) > 1:
        for card in vm.video:
            if card.model == "none":
                yield Finding(("video", card.label, "model"), "model none beside another video card")


@rule(4841, "two-primaries", phase=Phase.DEFINE, needs="video")
def two_primaries(vm: Domain) -> Iterator[Finding]:
    """
    What: Two video cards are primary.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefVideoValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Only one primary video device is supported.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; video a { model = qxl; primary = true }; video b { model = qxl; primary = true } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; video a { model = qxl; primary = true }; video b { model = qxl } }
    """
    first = [c for c in vm.video if c.primary]
    for card in first[1:]:
        yield Finding(
            ("video", card.label, "primary"),
            f"video {first[0].label} is primary already",
            labels=((("video", first[0].label, "primary"), "the first"),),
        )


@rule(4842, "secondary-model", phase=Phase.DEFINE, needs="video")
def secondary_model(vm: Domain) -> Iterator[Finding]:
    """
    What: A video card that is not the first (or primary) has another model than qxl or virtio.
    Why: libvirt 9.0.0 refuses it at define ("only valid as primary video device", qemuValidateDomainDeviceDefVideo,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: video type 'vga' is only valid as primary video device.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; video a { model = virtio }; video b { model = vga } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; video a { model = vga }; video b { model = virtio } }
    """
    if len(vm.video) < 2 or not is_qemu(vm) or any(c.model == "none" for c in vm.video):
        return
    primary = next((c for c in vm.video if c.primary), vm.video[0])
    for card in vm.video:
        if card is not primary and card.model not in ("qxl", "virtio", "none", None):
            yield Finding(
                ("video", card.label, "model"),
                f"{with_article(card.model)} card can only be the first",
                help="make it the first, or use model = virtio",
            )


@rule(4843, "egl-headless", phase=Phase.DEFINE, needs="graphics")
def egl_headless(vm: Domain) -> Iterator[Finding]:
    """
    What: egl-headless together with sdl, or with Spice that has OpenGL itself.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefGraphics, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: graphics type 'egl-headless' is only supported with one
    of: 'vnc', 'spice' graphics types.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; graphics a { type = egl-headless }; graphics b { type = sdl } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; graphics a { type = egl-headless }; graphics b { type = vnc } }
    """
    if not any(g.type == "egl-headless" for g in vm.graphics):
        return
    for graphics in vm.graphics:
        if graphics.type not in ("egl-headless", "vnc", "spice", None):
            yield Finding(("graphics", graphics.label, "type"), f"egl-headless goes with vnc or spice, not {graphics.type}")
        elif graphics.type == "spice" and graphics.gl is not None and graphics.gl.enable:
            yield Finding(("graphics", graphics.label, "gl"), "QEMU has one OpenGL display, and egl-headless is it")
