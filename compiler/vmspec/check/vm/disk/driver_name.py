"""A disk driver that QEMU does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4340, "disk-driver-name", phase=Phase.DEFINE)
def driver_name(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk's driver name is not `qemu`.
    Why: libvirt 9.0.0 refuses others with the QEMU driver at define (qemuValidateDomainDeviceDefDisk, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: unsupported driver name 'tap' for disk 'vda'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); driver = tap }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); driver = qemu }
        }
    """
    if disk.driver and disk.driver != "qemu":
        yield Finding(("disk", disk.label, "driver"), f"{disk.driver} is no driver of QEMU", instead="qemu")
