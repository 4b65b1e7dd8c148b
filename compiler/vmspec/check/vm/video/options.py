"""Options that only some video cards have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.video import Video
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4835, "video-acceleration", phase=Phase.DEFINE, needs="acceleration")
def acceleration(video: Video, vm: Domain) -> Iterator[Finding]:
    """
    What: `accel2d`, `accel3d` on another card than virtio, or a render node without vhost-user.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefVideo, src/qemu/qemu_validate.c; virDomainVideoDefValidate,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: 3d acceleration is supported only with 'virtio' video
    device.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; video { model = vga; acceleration { accel3d = true } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; video { model = virtio; acceleration { accel3d = true } } }
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


@rule(4836, "video-vhostuser-model", phase=Phase.DEFINE, needs="driver")
def vhostuser_model(video: Video) -> Iterator[Finding]:
    """
    What: `driver = vhostuser` on another card than virtio.
    Why: libvirt 9.0.0 refuses it at define (virDomainVideoDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: 'vhostuser' driver is only supported with 'virtio'
    device.
    Example:
        vm a { cpu.count = 2; memory { size = 1GiB; source = memfd; access = shared }; video { model = vga; driver = vhostuser } }
    Instead:
        vm a { cpu.count = 2; memory { size = 1GiB; source = memfd; access = shared }; video { model = virtio; driver = vhostuser } }
    """
    if video.driver == "vhostuser" and video.model not in ("virtio", "none", None):
        yield Finding(("video", video.label, "model"), f"vhost-user needs model = virtio, not {video.model}", instead="virtio")


@rule(4837, "video-ramfb-address", phase=Phase.DEFINE, needs="address")
def ramfb_address(video: Video) -> Iterator[Finding]:
    """
    What: A ramfb card has an address.
    Why: It is plain memory and no PCI device; libvirt 9.0.0 refuses it at define (virDomainVideoDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: address not supported for video type ramfb.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = q35; video { model = ramfb; address = pci(0000:00:05.0) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = q35; video { model = ramfb } }
    """
    if video.model == "ramfb" and video.address is not None:
        yield Finding(("video", video.label, "address"), "a ramfb card has no address")


@rule(4838, "video-virtio-options", phase=Phase.DEFINE, needs="iommu ats packed page_per_vq")
def virtio_options(video: Video) -> Iterator[Finding]:
    """
    What: `iommu`, `ats`, `packed` or `page-per-vq` on a card that is not virtio.
    Why: libvirt 9.0.0 refuses them at define (virDomainVideoDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: packed driver option is only supported for virtio
    devices.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; video { model = vga; packed = true } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; video { model = virtio; packed = true } }
    """
    if video.model in ("virtio", "none", None):
        return
    for option in ("iommu", "ats", "packed", "page_per_vq"):
        if getattr(video, option) is not None:
            name = option.replace("_", "-")
            yield Finding(("video", video.label, name), f"{name} is an option of virtio cards, not of {video.model}")
