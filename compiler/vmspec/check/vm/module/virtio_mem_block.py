"""A virtio-mem block that QEMU cannot grow by."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.memory_device import MemoryDevice
from vmspec.model.value import show_quantity


@rule(4225, "memory-module-virtio-mem-block", phase=Phase.DEFINE)
def virtio_mem_block(module: MemoryDevice) -> Iterator[Finding]:
    """
    What: The block of virtio-mem is not a power of two from 2 MiB, or `requested` is above the size or no multiple of it.
    Why: libvirt 9.0.0 refuses these at define (virDomainMemoryDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: block size must be a power of two.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = virtio-mem; size = 1GiB; node = 0; block = 3MiB; requested = 0B }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = virtio-mem; size = 1GiB; node = 0; block = 2MiB; requested = 0B }
        }
    """
    if module.model != "virtio-mem" or not module.block:
        return
    here = ("memory-device", module.label)
    if module.block & (module.block - 1) or module.block < 2 << 20:
        yield Finding((*here, "block"), f"block {show_quantity(module.block)} is no power of two from 2MiB", instead="2MiB")
    elif module.requested and module.requested % module.block:
        yield Finding(
            (*here, "requested"), f"requested {show_quantity(module.requested)} is no multiple of block {show_quantity(module.block)}"
        )
    if module.requested and module.size and module.requested > module.size:
        yield Finding((*here, "requested"), f"requested {show_quantity(module.requested)} is above size {show_quantity(module.size)}")
