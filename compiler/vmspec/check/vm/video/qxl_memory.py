"""Memory of another card."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.video import Video
from vmspec.model.value import show_quantity


@rule(4831, "video-qxl-memory", phase=Phase.DEFINE)
def qxl_memory(video: Video) -> Iterator[Finding]:
    """
    What: `ram`, `vram64` or `vgamem` on a card that is not qxl.
    Why: libvirt 9.0.0 refuses it at define (virDomainVideoDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          video { model = vga; vgamem = 16MiB }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          video { model = qxl; vgamem = 16MiB }
        }
    """
    if video.model != "qxl":
        for name, value in (("ram", video.ram), ("vram64", video.vram64), ("vgamem", video.vgamem)):
            if value:
                yield Finding(("video", video.label, name), f"{name} is memory of a qxl card, not of {video.model}", help="use vram")
    elif video.vgamem and (video.vgamem & (video.vgamem - 1) or video.vgamem < 1 << 20):
        yield Finding(("video", video.label, "vgamem"), f"vgamem {show_quantity(video.vgamem)} is not a power of two from 1MiB")
