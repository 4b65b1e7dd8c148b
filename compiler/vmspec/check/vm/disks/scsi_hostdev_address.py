"""A SCSI host device at the place of another SCSI device."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus, drive_place
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.device import DriveAddress
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.hostdev import Hostdev, IscsiHostdev, ScsiHostdev
from vmspec.model.domain import Domain


@rule(4353, "scsi-hostdev-address", phase=Phase.DEFINE)
def scsi_hostdev_address(vm: Domain) -> Iterator[Finding]:
    """
    What: A SCSI host device has the drive address of a SCSI disk or of another SCSI host device.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefDuplicateDriveAddressesValidate, src/conf/domain_validate.c;
    virDomainHostdevDefPostParse, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: SCSI host address controller='0' bus='0' target='0' unit='0' in use by
    a SCSI disk.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi }
          disk sda { source = block("/dev/vg0/a"); bus = scsi; address = drive(0, 0, 0, 0) }
          hostdev tape { source = scsi(scsi_host0, 0, 0, 0); address = drive(0, 0, 0, 0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi }
          disk sda { source = block("/dev/vg0/a"); bus = scsi; address = drive(0, 0, 0, 0) }
          hostdev tape { source = scsi(scsi_host0, 0, 0, 0); address = drive(0, 0, 0, 1) }
        }
    """
    seen: dict[tuple[int, int, int, int], tuple[str, str]] = {}
    devices: list[Disk | Hostdev] = [
        *(d for d in vm.disk if bus(d) == "scsi"),
        *(h for h in vm.hostdev if isinstance(h.source, (ScsiHostdev, IscsiHostdev))),
    ]
    for device in devices:
        kind = "hostdev" if isinstance(device, Hostdev) else "disk"
        at = device.address
        explicit = (at.controller or 0, at.bus or 0, at.target or 0, at.unit or 0) if isinstance(at, DriveAddress) else None
        key = explicit or (drive_place(device) if isinstance(device, Disk) else None)
        if key is None:
            continue
        first = seen.setdefault(key, (kind, device.label))
        if first != (kind, device.label) and kind == "hostdev":
            yield Finding(
                (kind, device.label, "address"),
                f"{first[0]} {first[1]} is at controller {key[0]}, unit {key[3]} already",
                labels=((first, "the other device"),),
            )
