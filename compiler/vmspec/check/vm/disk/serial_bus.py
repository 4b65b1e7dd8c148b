"""A serial number on an SD card."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4338, "disk-serial-bus", phase=Phase.DEFINE)
def serial_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk on bus sd has a serial number.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefDiskFrontend, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Serial property not supported for drive bus 'sd'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = sd; serial = "A-1" }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = sata; serial = "A-1" }
        }
    """
    if disk.serial and bus(disk) == "sd":
        yield Finding(("disk", disk.label, "serial"), "a disk on bus sd has no serial number")
