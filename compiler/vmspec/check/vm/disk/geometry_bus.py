"""A CHS geometry that the bus cannot show."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus, target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4337, "disk-geometry-bus", phase=Phase.DEFINE)
def geometry_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: A geometry is set on bus usb or sd, or its translation elsewhere than on ide.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefDiskFrontend, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: CHS geometry can not be set for 'usb' bus.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = usb; geometry { cyls = 1024; heads = 16; secs = 63 } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); bus = virtio; geometry { cyls = 1024; heads = 16; secs = 63 } }
        }
    """
    shape = disk.geometry
    if shape is None or not (shape.cyls and shape.heads and shape.secs):
        return
    if bus(disk) in ("usb", "sd"):
        yield Finding(("disk", disk.label, "geometry"), f"a disk on bus {bus(disk)} has no CHS geometry")
    elif shape.trans is not None and bus(disk) != "ide":
        yield Finding(
            ("disk", disk.label, "geometry", "trans"), f"CHS translation is for ide disks, and {target(disk)} is on bus {bus(disk)}"
        )
