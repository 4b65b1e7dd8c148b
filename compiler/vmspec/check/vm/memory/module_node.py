"""A memory module in a cell that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import cell_count
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4222, "module-node", phase=Phase.DEFINE)
def module_node(vm: Domain) -> Iterator[Finding]:
    """
    What: A memory module names a cell that the guest does not have, or none where it has cells.
    Why: libvirt 9.0.0 refuses it at define (virDomainMemoryDefValidate, src/conf/domain_validate.c;
    qemuDomainDefValidateMemoryHotplugDevice, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: can't add memory backend for guest node '1' as the guest has only '1' NUMA nodes
    configured.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = dimm; size = 1GiB; node = 1 }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = dimm; size = 1GiB; node = 0 }
        }
    """
    count = cell_count(vm)
    if count is None:
        return
    for module in vm.memory_device:
        if module.node is not None and module.node >= count:
            yield Finding(("memory-device", module.label, "node"), f"cell {module.node} does not exist: the guest has {count or 'none'}")
        elif module.node is None and count and module.model in ("dimm", "nvdimm", "virtio-mem"):
            yield Finding(("memory-device", module.label), f"memory module {module.label} says no cell", help="set node = 0")
        elif module.node is not None and module.model == "virtio-pmem":
            yield Finding(("memory-device", module.label, "node"), "a virtio-pmem module belongs to no cell")
