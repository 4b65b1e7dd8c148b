"""A virtio model on another bus."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4342, "disk-virtio-model-bus", phase=Phase.DEFINE)
def virtio_model_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: `model` of a disk is a virtio model and its bus is not virtio.
    Why: libvirt 9.0.0 refuses it at define (virDomainDiskDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: disk model 'virtio-non-transitional' not supported for
    bus 'sata'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = sata; model = virtio-non-transitional }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); bus = virtio; model = virtio-non-transitional }
        }
    """
    if disk.model and bus(disk) != "virtio":
        yield Finding(("disk", disk.label, "model"), f"model {disk.model} needs bus = virtio, not {bus(disk)}")
