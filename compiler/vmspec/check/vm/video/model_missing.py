"""A card that libvirt chooses."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.video import Video


@rule(4830, "video-model-missing", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def model_missing(video: Video) -> Iterator[Finding]:
    """
    What: A video card has no model.
    Why: libvirt takes the first that QEMU has: cirrus, an emulated chip of 1993, or vga (qemuDomainDefaultVideoDevice,
    src/qemu/qemu_domain.c 9.0.0).
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 1
          features { acpi = true }
          video { vram = 16MiB }
        }
    Instead:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 1
          features { acpi = true }
          video { model = vga; vram = 16MiB }
        }
    """
    if video.model is None:
        yield Finding(
            ("video", video.label), f"video card {video.label} has no model, and libvirt chooses one", help="set model = virtio or vga"
        )
