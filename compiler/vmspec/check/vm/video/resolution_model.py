"""A resolution of a card that has none."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.video import Video


@rule(4834, "video-resolution-model", phase=Phase.DEFINE)
def resolution_model(video: Video) -> Iterator[Finding]:
    """
    What: `resolution` on a card that is not vga, qxl, virtio or bochs, or of 0 pixels.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefVideo, src/qemu/qemu_validate.c; virDomainVideoDefValidate,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: model resolution is not supported.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          video { model = cirrus; resolution { x = 1024; y = 768 } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          video { model = vga; resolution { x = 1024; y = 768 } }
        }
    """
    if video.resolution is None:
        return
    if video.model not in ("vga", "qxl", "virtio", "bochs", "none", None):
        yield Finding(("video", video.label, "resolution"), f"a {video.model} card has no resolution to set")
    elif video.resolution.x == 0 or video.resolution.y == 0:
        yield Finding(("video", video.label, "resolution"), "a screen of 0 pixels")
