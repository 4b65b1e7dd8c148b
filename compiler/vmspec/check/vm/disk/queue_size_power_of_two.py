"""A virtio queue of a size that QEMU does not make."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4314, "disk-queue-size-power-of-two", phase=Phase.START)
def queue_size_power_of_two(disk: Disk) -> Iterator[Finding]:
    """
    What: `queue-size` of a disk is not a power of two, or above 1024.
    Why: QEMU refuses it at start: virtio queues are powers of two up to 1024 (VIRTQUEUE_MAX_SIZE, hw/virtio/virtio-blk.c of QEMU 7.2);
    libvirt 9.0.0 does not look.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: invalid queue-size property (1000), must be a power of 2 (max
    1024).
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); queue-size = 1000 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); queue-size = 512 }
        }
    """
    size = disk.queue_size
    if size and (size & (size - 1) or size > 1024 or size < 2):
        nearest = min(1024, 1 << (size.bit_length() - 1)) if size > 2 else 2
        yield Finding(("disk", disk.label, "queue-size"), f"queue-size {size} is not a power of two from 2 to 1024", instead=str(nearest))
