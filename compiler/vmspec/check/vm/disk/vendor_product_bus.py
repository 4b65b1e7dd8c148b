"""Vendor and product outside SCSI."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus, target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4310, "disk-vendor-product-bus", phase=Phase.DEFINE)
def vendor_product_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: `vendor` or `product` is set on a disk that is not a SCSI disk.
    Why: They are fields of SCSI's INQUIRY; libvirt 9.0.0 refuses them elsewhere, and on luns, at define
    (qemuValidateDomainDeviceDefDiskFrontend, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Only scsi disk supports vendor and product.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); vendor = "ACME" }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a") }
        }
    """
    for name, text in (("vendor", disk.vendor), ("product", disk.product)):
        if text and (bus(disk) != "scsi" or disk.device == "lun"):
            yield Finding(
                ("disk", disk.label, name),
                f"only a SCSI disk has a {name}, and {target(disk)} is a {disk.device or 'disk'} on bus {bus(disk)}",
            )
