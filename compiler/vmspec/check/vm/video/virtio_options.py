"""Options of virtio on another card."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.video import Video


@rule(4838, "video-virtio-options", phase=Phase.DEFINE)
def virtio_options(video: Video) -> Iterator[Finding]:
    """
    What: `iommu`, `ats`, `packed` or `page-per-vq` on a card that is not virtio.
    Why: libvirt 9.0.0 refuses them at define (virDomainVideoDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: packed driver option is only supported for virtio
    devices.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          video { model = vga; packed = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          video { model = virtio; packed = true }
        }
    """
    if video.model in ("virtio", "none", None):
        return
    for option in ("iommu", "ats", "packed", "page_per_vq"):
        if getattr(video, option) is not None:
            name = option.replace("_", "-")
            yield Finding(("video", video.label, name), f"{name} is an option of virtio cards, not of {video.model}")
