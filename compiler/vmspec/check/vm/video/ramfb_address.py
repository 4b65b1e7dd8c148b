"""A frame buffer with an address."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.video import Video


@rule(4837, "video-ramfb-address", phase=Phase.DEFINE)
def ramfb_address(video: Video) -> Iterator[Finding]:
    """
    What: A ramfb card has an address.
    Why: It is plain memory and no PCI device; libvirt 9.0.0 refuses it at define (virDomainVideoDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: address not supported for video type ramfb.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          video { model = ramfb; address = pci(0000:00:05.0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          video { model = ramfb }
        }
    """
    if video.model == "ramfb" and video.address is not None:
        yield Finding(("video", video.label, "address"), "a ramfb card has no address")
