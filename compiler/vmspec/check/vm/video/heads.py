"""Several screens on a card that has one."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.video import Video


@rule(4833, "video-heads", phase=Phase.DEFINE)
def heads(video: Video) -> Iterator[Finding]:
    """
    What: `heads` above 1 on a card that is neither qxl nor virtio.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefVideo, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: video type 'vga' doesn't support multiple 'heads'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          video { model = vga; heads = 2 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          video { model = virtio; heads = 2 }
        }
    """
    if video.heads and video.heads != 1 and video.model not in ("qxl", "virtio", "none", None):
        yield Finding(("video", video.label, "heads"), f"a {video.model} card has one screen", instead="1")
