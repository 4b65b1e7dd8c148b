"""An address of a kind that the bus does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.addresses import kinds_of_address, misfit
from vmspec.check.queries.disks import bus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4341, "disk-address-type", phase=Phase.DEFINE)
def address_type(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk's address is of another kind than its bus uses: drive for ide, scsi, sata and fdc; usb for usb; pci, ccw or virtio-mmio for
    virtio.
    Why: libvirt 9.0.0 refuses it at define (virDomainDiskDefValidate, src/conf/domain_validate.c; qemuDomainAssignDevicePCISlots,
    src/qemu/qemu_domain_address.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Invalid address type 'pci' for the disk 'sda' with the
    bus type 'sata'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = sata; address = pci(0000:00:05.0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = sata; address = drive(0, 0, 0, 0) }
        }
    """
    fitting = kinds_of_address(disk)
    if fitting and disk.address is not None and misfit(disk):
        yield Finding(("disk", disk.label, "address"), f"a disk on bus {bus(disk)} has a {fitting[0]} address, not {disk.address.tag}")
