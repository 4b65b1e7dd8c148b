"""LUNs that a guest speaks SCSI with."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus, image_format, is_empty
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import BlockSource, NvmeSource, VolumeSource
from vmspec.model.devices.storage_net import IscsiSource


@rule(4320, "disk-lun-source", phase=Phase.DEFINE, needs="device")
def lun_source(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk with `device = lun` is not a block device, volume or iSCSI LUN, is not raw, or is not on bus scsi or virtio.
    Why: A lun passes SCSI commands to the device behind it; libvirt 9.0.0 refuses the rest at define (virDomainDiskDefSourceLUNValidate,
    src/conf/domain_validate.c; qemuValidateDomainDeviceDefDiskFrontend, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk sda { device = lun; bus = scsi; source = file("/srv/a.img", format = raw) }
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk sda { device = lun; bus = scsi; source = block("/dev/sdx") }
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi }
        }
    """
    if disk.device != "lun":
        return
    source = disk.source
    if source is not None and not isinstance(source, (BlockSource, VolumeSource, IscsiSource, NvmeSource)) and not is_empty(source):
        yield Finding(("disk", disk.label, "source"), f"a lun needs a block device, a volume or an iSCSI LUN, not {source.tag}()")
    elif not disk.raw and (source is None or not any(vars(source).values())):
        yield Finding(("disk", disk.label), "a lun needs a block device, a volume or an iSCSI LUN")
    elif image_format(disk) not in (None, "raw"):
        yield Finding(("disk", disk.label, "source", "format"), f"a lun is raw, not {image_format(disk)}", instead="raw")
    if bus(disk) not in ("scsi", "virtio"):
        yield Finding(("disk", disk.label, "bus"), f"a lun needs bus = scsi, not {bus(disk)}", instead="scsi")
    if disk.serial and bus(disk) == "scsi":
        yield Finding(("disk", disk.label, "serial"), "a lun shows the serial number of the device itself")


@rule(4321, "disk-lun-only-options", phase=Phase.DEFINE, needs="rawio sgio source")
def lun_only_options(disk: Disk) -> Iterator[Finding]:
    """
    What: `rawio`, `sgio` or persistent reservations are set on a disk that is not a lun.
    Why: They need SCSI commands that reach the device; libvirt 9.0.0 refuses them elsewhere at define (virDomainDiskDefValidate,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); rawio = true } }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); rawio = true; device = lun; bus = scsi }
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi }
        }
    """
    if disk.sgio == "unfiltered":
        yield Finding(("disk", disk.label, "sgio"), "sgio = unfiltered is no longer supported by libvirt")
    if disk.device == "lun":
        return
    for name, value in (("rawio", disk.rawio), ("sgio", disk.sgio)):
        if value is not None:
            yield Finding(("disk", disk.label, name), f"{name} is for device = lun only")
    if isinstance(disk.source, BlockSource) and disk.source.reservations is not None:
        yield Finding(("disk", disk.label, "source", "reservations"), "persistent reservations are for device = lun only")
