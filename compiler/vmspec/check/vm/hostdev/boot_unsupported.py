"""Booting from a host device that cannot."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.hostdev import Hostdev, MdevHostdev, VhostScsiHostdev


@rule(4529, "hostdev-boot-unsupported", phase=Phase.DEFINE)
def boot_unsupported(hostdev: Hostdev) -> Iterator[Finding]:
    """
    What: `boot` on a mediated device (but vfio-ccw) or a vhost-scsi device.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefHostdev, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: booting from assigned devices is not supported by vhost
    SCSI devices.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hostdev lun { source = scsi-host("naa.5123456789abcde0"); boot = 1 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hostdev lun { source = scsi-host("naa.5123456789abcde0") }
        }
    """
    if hostdev.boot and (
        isinstance(hostdev.source, VhostScsiHostdev) or (isinstance(hostdev.source, MdevHostdev) and hostdev.source.model != "vfio-ccw")
    ):
        what = "a mediated device" if isinstance(hostdev.source, MdevHostdev) else "a vhost-scsi device"
        yield Finding(("hostdev", hostdev.label, "boot"), f"the guest cannot boot from {what}")
