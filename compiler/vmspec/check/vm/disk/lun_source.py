"""A lun that is not a block device."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus, image_format, is_empty
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import BlockSource, NvmeSource, VolumeSource
from vmspec.model.devices.storage_net import IscsiSource


@rule(4320, "disk-lun-source", phase=Phase.DEFINE)
def lun_source(disk: Disk) -> Iterator[Finding]:
    """
    What: A disk with `device = lun` is not a block device, volume or iSCSI LUN, is not raw, or is not on bus scsi or virtio.
    Why: A lun passes SCSI commands to the device behind it; libvirt 9.0.0 refuses the rest at define (virDomainDiskDefSourceLUNValidate,
    src/conf/domain_validate.c; qemuValidateDomainDeviceDefDiskFrontend, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { device = lun; bus = scsi; source = file("/srv/a.img", format = raw) }
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
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
