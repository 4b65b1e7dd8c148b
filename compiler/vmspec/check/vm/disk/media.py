"""Removable media: CD-ROM and floppy drives, trays, rotation rate."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.check.queries.disks import bus, target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4315, "disk-cdrom-bus", phase=Phase.DEFINE, needs="device")
def cdrom_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: A CD-ROM is on bus virtio or sd.
    Why: virtio-blk has no ejectable media; libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefDiskFrontend,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: disk type of 'vda' does not support ejectable media.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { device = cdrom; bus = virtio; source = file("/srv/a.iso", format = raw) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk sda { device = cdrom; bus = sata; source = file("/srv/a.iso", format = raw) } }
    """
    if disk.device == "cdrom" and bus(disk) in ("virtio", "sd"):
        yield Finding(
            ("disk", disk.label, "bus"), f"a CD-ROM cannot be on bus {bus(disk)}", help="use bus = sata (or scsi)", instead="sata"
        )


@rule(4331, "disk-floppy-bus", phase=Phase.DEFINE, needs="device bus")
def floppy_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: A floppy is not on bus fdc, or a disk that is no floppy is on it.
    Why: libvirt 9.0.0 refuses it at define (virDomainDiskDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Invalid bus type 'fdc' for disk.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk data { bus = fdc; target = hda; source = file("/srv/a.img", format = raw) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk fda { device = floppy; bus = fdc; source = file("/srv/a.img", format = raw) } }
    """
    if (disk.device == "floppy") != (bus(disk) == "fdc"):
        yield Finding(("disk", disk.label, "bus"), f"{with_article(disk.device or 'disk')} cannot be on bus {bus(disk)}")


@rule(4332, "disk-removable-bus", phase=Phase.DEFINE, needs="removable")
def removable_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: `removable` is set on a disk that is not on bus usb.
    Why: libvirt 9.0.0 refuses it at define (virDomainDiskDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: removable is only valid for usb disks.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); removable = true } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a") } }
    """
    if disk.removable is not None and bus(disk) != "usb":
        message = f"removable is for usb disks, and {target(disk)} is on bus {bus(disk)}"
        yield Finding(("disk", disk.label, "removable"), message, until="9.6.0" if bus(disk) == "scsi" else "")


@rule(4334, "disk-tray-device", phase=Phase.DEFINE, needs="tray")
def tray_device(disk: Disk) -> Iterator[Finding]:
    """
    What: `tray = open` is set on a disk that is neither a CD-ROM nor a floppy.
    Why: libvirt 9.0.0 refuses it at define (virDomainDiskDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: tray is only valid for cdrom and floppy.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); tray = open } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk sda { device = cdrom; bus = sata; tray = open } }
    """
    if disk.tray == "open" and disk.device not in ("cdrom", "floppy"):
        yield Finding(("disk", disk.label, "tray"), f"{with_article(disk.device or 'disk')} has no tray")


@rule(4335, "disk-rotation-rate", phase=Phase.DEFINE, needs="rotation_rate")
def rotation_rate(disk: Disk) -> Iterator[Finding]:
    """
    What: `rotation-rate` is set on a disk that is not on bus scsi, ide or sata, or not a disk.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefDiskFrontend, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: rotation rate is only valid for SCSI/IDE/SATA bus.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); rotation-rate = 1 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk sda { source = block("/dev/vg0/a"); bus = sata; rotation-rate = 1 } }
    """
    if not disk.rotation_rate:
        return
    if bus(disk) not in ("scsi", "ide", "sata"):
        yield Finding(("disk", disk.label, "rotation-rate"), f"a disk on bus {bus(disk)} has no rotation rate")
    elif disk.device not in (None, "disk"):
        yield Finding(("disk", disk.label, "rotation-rate"), f"{with_article(disk.device)} has no rotation rate")
