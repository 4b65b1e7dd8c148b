"""A vhost-user card that is not virtio."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.video import Video


@rule(4836, "video-vhostuser-model", phase=Phase.DEFINE)
def vhostuser_model(video: Video) -> Iterator[Finding]:
    """
    What: `driver = vhostuser` on another card than virtio.
    Why: libvirt 9.0.0 refuses it at define (virDomainVideoDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: 'vhostuser' driver is only supported with 'virtio'
    device.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; source = memfd; access = shared }
          video { model = vga; driver = vhostuser }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; source = memfd; access = shared }
          video { model = virtio; driver = vhostuser }
        }
    """
    if video.driver == "vhostuser" and video.model not in ("virtio", "none", None):
        yield Finding(("video", video.label, "model"), f"vhost-user needs model = virtio, not {video.model}", instead="virtio")
