"""A disk's target name and its place on the bus."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.base.diagnostic import Severity
from vmspec.check.queries.addresses import kinds_of_address, misfit
from vmspec.check.queries.disks import bus, target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.device import DriveAddress
from vmspec.model.devices.disk import Disk


@rule(4306, "disk-partition-as-target", phase=Phase.DEFINE, needs="target")
def partition_as_target(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk's target has a partition number.
    Why: The target names a whole disk; libvirt 9.0.0 refuses `vda1` at define (qemuValidateDomainDeviceDefDisk, src/qemu/qemu_validate.c;
    virDiskNameParse, src/util/virutil.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: invalid disk target 'vda1', partitions can't appear in
    disk targets.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk data { source = block("/dev/vg0/a"); target = vda1 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a") } }
    """
    match = re.fullmatch(r"((?:fd|hd|vd|sd|xvd|ubd)[a-z]+)([0-9]+)", target(disk))
    if match:
        yield Finding(("disk", disk.label, "target"), f"{match[0]} is a partition; a disk's target is {match[1]}", instead=match[1])


@rule(4307, "disk-target-name", phase=Phase.DEFINE, needs="target")
def target_name(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk's target does not begin with `vd`, `sd`, `hd`, `xvd` or `ubd` (a floppy's with `fd`), or is not letters after that.
    Why: libvirt derives bus and address from the prefix and refuses others at define (virDomainDiskDefValidate, src/conf/domain_validate.c;
    virDiskNameParse, src/util/virutil.c; libvirt 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Invalid floppy device name: vda.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk data { device = floppy; bus = fdc; target = vda; source = file("/srv/a.img", format = raw) }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a") } }
    """
    name = target(disk)
    prefixes = "fd" if disk.device == "floppy" else "hd|vd|sd|xvd|ubd" if disk.device in (None, "disk", "lun") else "fd|hd|vd|sd|xvd|ubd"
    if not re.match(rf"(?:{prefixes})[a-z]+", name.removeprefix("ioemu:")):
        yield Finding(
            ("disk", disk.label, "target"),
            f"{name} is no name of {with_article(disk.device or 'disk')} in the guest",
            help=f"call it {'fda' if disk.device == 'floppy' else 'vda, vdb, … (sda, … on bus scsi, sata or usb)'}",
        )


_BUSES = {
    "vd": ("virtio",),
    "sd": ("scsi", "sata", "usb", "ide", "sd"),
    "hd": ("ide", "sata", "scsi", "usb"),
    "fd": ("fdc",),
    "xvd": ("xen",),
    "ubd": ("uml",),
}


@rule(4308, "disk-target-bus-mismatch", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="target bus")
def target_bus_mismatch(disk: Disk) -> Iterator[Finding]:
    """
    What: The target's prefix is that of another bus: `vda` on sata.
    Why: The guest names its disks itself; libvirt accepts the pair, and whoever reads `vda` expects a virtio disk that the guest shows as
    `sda` (docs/formatdomain.rst 9.0.0: the target is a hint for device ordering).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk data { source = block("/dev/vg0/a"); bus = sata; target = vda } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk sda { source = block("/dev/vg0/a"); bus = sata } }
    """
    name = target(disk)
    prefix = next((p for p in _BUSES if name.startswith(p)), None)
    if disk.bus and prefix and disk.bus not in _BUSES[prefix] and disk.bus != "fdc" and disk.device != "floppy":
        yield Finding(
            ("disk", disk.label, "target"),
            f"{name} on bus {disk.bus} will have another name in the guest",
            labels=((("disk", disk.label, "bus"), "the bus"),),
        )


@rule(4341, "disk-address-type", phase=Phase.DEFINE, needs="address")
def address_type(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk's address is of another kind than its bus uses: drive for ide, scsi, sata and fdc; usb for usb; pci, ccw or virtio-mmio for
    virtio.
    Why: libvirt 9.0.0 refuses it at define (virDomainDiskDefValidate, src/conf/domain_validate.c; qemuDomainAssignDevicePCISlots,
    src/qemu/qemu_domain_address.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Invalid address type 'pci' for the disk 'sda' with the
    bus type 'sata'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk sda { source = block("/dev/vg0/a"); bus = sata; address = pci(0000:00:05.0) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk sda { source = block("/dev/vg0/a"); bus = sata; address = drive(0, 0, 0, 0) } }
    """
    fitting = kinds_of_address(disk)
    if fitting and disk.address is not None and misfit(disk):
        yield Finding(
            ("disk", disk.label, "address"), f"a disk on bus {bus(disk)} has {with_article(fitting[0])} address, not {disk.address.tag}"
        )


_ZERO = {"scsi": ("bus",), "sata": ("bus", "target"), "ide": ("controller", "target"), "fdc": ("controller", "bus", "target")}


@rule(4347, "disk-drive-address-range", phase=Phase.DEFINE, needs="address")
def drive_address_range(disk: Disk) -> Iterator[Finding]:
    """
    What: A drive address names a bus, target or controller that the disk's bus does not have.
    Why: SCSI has bus 0 only; SATA bus and target 0; IDE controller and target 0; the floppy controller is one. libvirt 9.0.0 refuses others
    at define (qemuValidateDomainDeviceDefAddressDrive, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: bus must be 0 for sata controller.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk sda { source = block("/dev/vg0/a"); bus = sata; address = drive(0, 1, 0, 0) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk sda { source = block("/dev/vg0/a"); bus = sata; address = drive(0, 0, 0, 1) } }
    """
    if isinstance(disk.address, DriveAddress):
        for part in _ZERO.get(bus(disk), ()):
            value = getattr(disk.address, part)
            if value:
                yield Finding(("disk", disk.label, "address"), f"{part} of a disk on bus {bus(disk)} is 0, not {value}")


@rule(4349, "disk-target-missing", phase=Phase.DEFINE)
def target_missing(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk has no target.
    Why: libvirt 9.0.0 refuses it at define ("missing target information", virDomainDiskDefValidate, src/conf/domain_validate.c). Without
    `resolve = false` the label is the target.
    Example:
        vm a {
          resolve = false; memory.size = 1GiB; cpu.count = 1
          features { acpi = true }
          disk data { source = block("/dev/vg0/a") }
        }
    Instead:
        vm a {
          resolve = false; memory.size = 1GiB; cpu.count = 1
          features { acpi = true }
          disk data { source = block("/dev/vg0/a"); target = vda; bus = virtio }
        }
    """
    if disk.target is None and not disk.raw:
        yield Finding(("disk", disk.label), f"disk {disk.label} has no target", help="set target = vda")
