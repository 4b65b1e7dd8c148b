"""Options of virtio on a disk of another bus."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus, target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk

_OPTIONS = ("queues", "event_idx", "ioeventfd", "iommu", "ats", "packed", "page_per_vq")


@rule(4312, "disk-virtio-options-bus", phase=Phase.DEFINE)
def virtio_options_bus(disk: Disk) -> Iterator[Finding]:
    """
    What: `queues`, `event-idx`, `ioeventfd`, `iommu`, `ats`, `packed` or `page-per-vq` is set on a disk that is not on bus virtio.
    Why: They are properties of virtio-blk; libvirt 9.0.0 refuses them elsewhere at define (virDomainDiskDefValidate,
    src/conf/domain_validate.c). For SCSI disks `queues` belongs to the controller.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: queues attribute in disk driver element is only
    supported by virtio-blk.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = sata; queues = 2 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); bus = virtio; queues = 2 }
        }
    """
    if bus(disk) == "virtio":
        return
    for option in _OPTIONS:
        if getattr(disk, option) not in (None, 0):
            name = option.replace("_", "-")
            yield Finding(
                ("disk", disk.label, name),
                f"{name} is an option of virtio disks, and {target(disk)} is on bus {bus(disk)}",
                help="set it on the virtio-scsi controller"
                if bus(disk) == "scsi" and option in ("queues", "ioeventfd")
                else "use bus = virtio, or remove it",
            )
