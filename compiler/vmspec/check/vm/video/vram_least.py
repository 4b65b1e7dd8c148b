"""Too little memory for a screen."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.video import Video
from vmspec.model.value import show_quantity


@rule(4832, "video-vram-least", phase=Phase.DEFINE)
def vram_least(video: Video) -> Iterator[Finding]:
    """
    What: `vram` of a vga or vmvga card is below 1 MiB.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefVideo, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: value for 'vram' must be at least 1 MiB (1024 KiB).
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          video { model = vga; vram = 512KiB }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          video { model = vga; vram = 16MiB }
        }
    """
    if video.model in ("vga", "vmvga") and video.vram and video.vram < 1 << 20:
        yield Finding(("video", video.label, "vram"), f"vram {show_quantity(video.vram)} is below 1MiB", instead="16MiB")
