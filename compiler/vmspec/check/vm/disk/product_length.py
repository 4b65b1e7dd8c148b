"""A product name longer than SCSI's field."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4311, "disk-product-length", phase=Phase.DEFINE)
def product_length(disk: Disk) -> Iterator[Finding]:
    """
    What: `product` of a SCSI disk has more than 16 characters.
    Why: SCSI's INQUIRY has 16 bytes for it; libvirt 9.0.0 refuses more at define (virDomainDiskDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = scsi; product = "Very Fast Storage" }
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = scsi; product = "Fast Storage" }
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi }
        }
    """
    if disk.product and len(disk.product) > 16 and bus(disk) == "scsi":
        yield Finding(
            ("disk", disk.label, "product"),
            f"product {disk.product!r} has more than the 16 characters that SCSI has room for",
            instead=disk.product[:16],
        )
