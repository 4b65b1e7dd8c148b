"""A disk's iothread outside virtio-blk."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus, target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4313, "disk-iothread-bus", phase=Phase.DEFINE)
def iothread_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: `iothread` is set on a disk that is not on bus virtio.
    Why: Only virtio-blk runs in an iothread of its own; SCSI disks take the one of their controller. libvirt 9.0.0 refuses the rest at
    define (qemuValidateDomainDeviceDefDiskIOThreads, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: IOThreads not available for bus sata target sda.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          iothread 1 { }
          disk sda { source = block("/dev/vg0/a"); bus = sata; iothread = 1 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          iothread 1 { }
          disk vda { source = block("/dev/vg0/a"); bus = virtio; iothread = 1 }
        }
    """
    if disk.iothread and bus(disk) != "virtio":
        where = "set iothread on its virtio-scsi controller" if bus(disk) == "scsi" else "use bus = virtio"
        yield Finding(("disk", disk.label, "iothread"), f"{target(disk)} on bus {bus(disk)} cannot have an iothread of its own", help=where)
