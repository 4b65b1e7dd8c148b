"""A module at an address of another kind."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.addresses import kinds_of_address
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.memory_device import MemoryDevice


@rule(4228, "memory-module-address-kind", phase=Phase.ACCEPTED)
def address_kind(module: MemoryDevice) -> Iterator[Finding]:
    """
    What: A dimm or nvdimm has another address than a slot, virtio-mem and virtio-pmem another than PCI, or sgx-epc any.
    Why: Modules plug into slots and virtio memory into PCI (qemuDomainDefValidateMemoryHotplugDevice, src/qemu/qemu_domain.c 9.0.0);
    libvirt takes another address for none.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = dimm; size = 1GiB; node = 0; address = pci(0000:00:05.0) }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = dimm; size = 1GiB; node = 0; address = dimm(0) }
        }
    """
    if module.address is None or module.model is None:
        return
    kinds = kinds_of_address(module)
    if kinds is not None and module.address.tag not in kinds:
        kind = kinds[0] if kinds else None
        yield Finding(
            ("memory-device", module.label, "address"),
            f"a module of model {module.model} has {f'a {kind}' if kind else 'no'} address, not {module.address.tag}",
        )
