"""A video card: model, memory, heads."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.video import Video
from vmspec.model.value import show_quantity


@rule(4830, "video-model-missing", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def model_missing(video: Video) -> Iterator[Finding]:
    """
    What: A video card has no model.
    Why: libvirt takes the first that QEMU has: cirrus, an emulated chip of 1993, or vga (qemuDomainDefaultVideoDevice,
    src/qemu/qemu_domain.c 9.0.0).
    Example:
        vm a { resolve = false; memory.size = 1GiB; cpu.count = 1; features { acpi = true }; video { vram = 16MiB } }
    Instead:
        vm a { resolve = false; memory.size = 1GiB; cpu.count = 1; features { acpi = true }; video { model = vga; vram = 16MiB } }
    """
    if video.model is None:
        yield Finding(
            ("video", video.label), f"video card {video.label} has no model, and libvirt chooses one", help="set model = virtio or vga"
        )


@rule(4831, "video-qxl-memory", phase=Phase.DEFINE, needs="ram vram64 vgamem")
def qxl_memory(video: Video) -> Iterator[Finding]:
    """
    What: `ram`, `vram64` or `vgamem` on a card that is not qxl.
    Why: libvirt 9.0.0 refuses it at define (virDomainVideoDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; video { model = vga; vgamem = 16MiB } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; video { model = qxl; vgamem = 16MiB } }
    """
    if video.model != "qxl":
        for name, value in (("ram", video.ram), ("vram64", video.vram64), ("vgamem", video.vgamem)):
            if value:
                yield Finding(("video", video.label, name), f"{name} is memory of a qxl card, not of {video.model}", help="use vram")
    elif video.vgamem and (video.vgamem & (video.vgamem - 1) or video.vgamem < 1 << 20):
        yield Finding(("video", video.label, "vgamem"), f"vgamem {show_quantity(video.vgamem)} is not a power of two from 1MiB")


@rule(4832, "video-vram-least", phase=Phase.DEFINE, needs="vram")
def vram_least(video: Video) -> Iterator[Finding]:
    """
    What: `vram` of a vga or vmvga card is below 1 MiB.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefVideo, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: value for 'vram' must be at least 1 MiB (1024 KiB).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; video { model = vga; vram = 512KiB } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; video { model = vga; vram = 16MiB } }
    """
    if video.model in ("vga", "vmvga") and video.vram and video.vram < 1 << 20:
        yield Finding(("video", video.label, "vram"), f"vram {show_quantity(video.vram)} is below 1MiB", instead="16MiB")


@rule(4833, "video-heads", phase=Phase.DEFINE, needs="heads")
def heads(video: Video) -> Iterator[Finding]:
    """
    What: `heads` above 1 on a card that is neither qxl nor virtio.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefVideo, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: video type 'vga' doesn't support multiple 'heads'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; video { model = vga; heads = 2 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; video { model = virtio; heads = 2 } }
    """
    if video.heads and video.heads != 1 and video.model not in ("qxl", "virtio", "none", None):
        yield Finding(("video", video.label, "heads"), f"{with_article(video.model)} card has one screen", instead="1")


@rule(4834, "video-resolution-model", phase=Phase.DEFINE, needs="resolution")
def resolution_model(video: Video) -> Iterator[Finding]:
    """
    What: `resolution` on a card that is not vga, qxl, virtio or bochs, or of 0 pixels.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefVideo, src/qemu/qemu_validate.c; virDomainVideoDefValidate,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: model resolution is not supported.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; video { model = cirrus; resolution { x = 1024; y = 768 } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; video { model = vga; resolution { x = 1024; y = 768 } } }
    """
    if video.resolution is None:
        return
    if video.model not in ("vga", "qxl", "virtio", "bochs", "none", None):
        yield Finding(("video", video.label, "resolution"), f"{with_article(video.model)} card has no resolution to set")
    elif video.resolution.x == 0 or video.resolution.y == 0:
        yield Finding(("video", video.label, "resolution"), "a screen of 0 pixels")
