"""A drive address beyond its controller."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.device import DriveAddress
from vmspec.model.devices.disk import Disk

_ZERO = {"scsi": ("bus",), "sata": ("bus", "target"), "ide": ("controller", "target"), "fdc": ("controller", "bus", "target")}


@rule(4347, "disk-drive-address-range", phase=Phase.DEFINE)
def drive_address_range(disk: Disk) -> Iterator[Finding]:
    """
    What: A drive address names a bus, target or controller that the disk's bus does not have.
    Why: SCSI has bus 0 only; SATA bus and target 0; IDE controller and target 0; the floppy controller is one. libvirt 9.0.0 refuses others
    at define (qemuValidateDomainDeviceDefAddressDrive, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: bus must be 0 for sata controller.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = sata; address = drive(0, 1, 0, 0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = sata; address = drive(0, 0, 0, 1) }
        }
    """
    if isinstance(disk.address, DriveAddress):
        for part in _ZERO.get(bus(disk), ()):
            value = getattr(disk.address, part)
            if value:
                yield Finding(("disk", disk.label, "address"), f"{part} of a disk on bus {bus(disk)} is 0, not {value}")
