"""The removable flag on a disk that is not USB."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus, target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4332, "disk-removable-bus", phase=Phase.DEFINE)
def removable_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: `removable` is set on a disk that is not on bus usb.
    Why: libvirt 9.0.0 refuses it at define (virDomainDiskDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: removable is only valid for usb disks.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); removable = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a") }
        }
    """
    if disk.removable is not None and bus(disk) != "usb":
        yield Finding(("disk", disk.label, "removable"), f"removable is for usb disks, and {target(disk)} is on bus {bus(disk)}")
