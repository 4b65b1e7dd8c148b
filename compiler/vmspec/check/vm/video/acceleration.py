"""Acceleration that the card does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.video import Video
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4835, "video-acceleration", phase=Phase.DEFINE)
def acceleration(video: Video, vm: Domain) -> Iterator[Finding]:
    """
    What: `accel2d`, `accel3d` on another card than virtio, or a render node without vhost-user.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefVideo, src/qemu/qemu_validate.c; virDomainVideoDefValidate,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: 3d acceleration is supported only with 'virtio' video
    device.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          video { model = vga; acceleration { accel3d = true } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          video { model = virtio; acceleration { accel3d = true } }
        }
    """
    speed = video.acceleration
    if speed is None or video.model == "none" or not is_qemu(vm):
        return
    here = ("video", video.label, "acceleration")
    if speed.accel2d:
        yield Finding((*here, "accel2d"), "QEMU has no 2D acceleration")
    if speed.accel3d and video.model not in ("virtio", None) and video.driver != "vhostuser":
        yield Finding((*here, "accel3d"), f"3D acceleration needs model = virtio, not {video.model}")
    if speed.rendernode and video.driver != "vhostuser":
        yield Finding((*here, "rendernode"), "a render node is for driver = vhostuser")
