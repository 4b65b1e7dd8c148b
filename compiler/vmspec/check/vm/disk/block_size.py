"""Block sizes that QEMU does not make."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.disk import Disk


@rule(4325, "disk-block-size", phase=Phase.START)
def block_size(disk: Disk) -> Iterator[Finding]:
    """
    What: A logical or physical block size is not a power of two from 512 bytes to 2 MiB, or the logical one is the larger.
    Why: QEMU refuses them at start (hw/core/qdev-properties-system.c and hw/block/block.c of QEMU 7.2); libvirt 9.0.0 accepts them.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: logical_block_size > physical_block_size not supported.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); blockio { logical = 4KiB; physical = 512B } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); blockio { logical = 512B; physical = 4KiB } }
        }
    """
    sizes = disk.blockio
    if sizes is None:
        return
    here = ("disk", disk.label, "blockio")
    for name, size in (("logical", sizes.logical), ("physical", sizes.physical)):
        if size and (size & (size - 1) or not 512 <= size <= 2 << 20):
            yield Finding((*here, name), f"{name} block size {int(size)} is not a power of two from 512B to 2MiB")
    if sizes.logical and sizes.logical > (sizes.physical or 512):
        yield Finding(
            (*here, "logical"), f"the logical block size {int(sizes.logical)} is above the physical one, {int(sizes.physical or 512)}"
        )
