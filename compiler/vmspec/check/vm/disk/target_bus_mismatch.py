"""A target whose prefix promises another bus."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.disks import target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk

_BUSES = {
    "vd": ("virtio",),
    "sd": ("scsi", "sata", "usb", "ide", "sd"),
    "hd": ("ide", "sata", "scsi", "usb"),
    "fd": ("fdc",),
    "xvd": ("xen",),
    "ubd": ("uml",),
}


@rule(4308, "disk-target-bus-mismatch", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def target_bus_mismatch(disk: Disk) -> Iterator[Finding]:
    """
    What: The target's prefix is that of another bus: `vda` on sata.
    Why: The guest names its disks itself; libvirt accepts the pair, and whoever reads `vda` expects a virtio disk that the guest shows as
    `sda` (docs/formatdomain.rst 9.0.0: the target is a hint for device ordering).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk data { source = block("/dev/vg0/a"); bus = sata; target = vda }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = sata }
        }
    """
    name = target(disk)
    prefix = next((p for p in _BUSES if name.startswith(p)), None)
    if disk.bus and prefix and disk.bus not in _BUSES[prefix] and disk.bus != "fdc" and disk.device != "floppy":
        yield Finding(
            ("disk", disk.label, "target"),
            f"{name} on bus {disk.bus} will have another name in the guest",
            labels=((("disk", disk.label, "bus"), "the bus"),),
        )
