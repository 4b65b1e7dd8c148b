"""A mediated device without a name."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.hostdev import Hostdev, MdevHostdev


@rule(4528, "hostdev-mdev-uuid", phase=Phase.DEFINE)
def mdev_uuid(hostdev: Hostdev) -> Iterator[Finding]:
    """
    What: A mediated device has no UUID.
    Why: libvirt 9.0.0 refuses it at define (virDomainHostdevSubsysMediatedDevDefParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hostdev vgpu { source = mdev(model = vfio-pci) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hostdev vgpu { source = mdev("c2177883-f1bb-47f0-914d-32a22e3a8804", model = vfio-pci) }
        }
    """
    if isinstance(hostdev.source, MdevHostdev) and not hostdev.source.uuid:
        yield Finding(("hostdev", hostdev.label, "source"), "a mediated device is named by its UUID")
