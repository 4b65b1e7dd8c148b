"""Options of luns on another disk."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.storage import BlockSource


@rule(4321, "disk-lun-only-options", phase=Phase.DEFINE)
def lun_only_options(disk: Disk) -> Iterator[Finding]:
    """
    What: `rawio`, `sgio` or persistent reservations are set on a disk that is not a lun.
    Why: They need SCSI commands that reach the device; libvirt 9.0.0 refuses them elsewhere at define (virDomainDiskDefValidate,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); rawio = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
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
