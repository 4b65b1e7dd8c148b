"""Memory modules beyond the largest memory."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import cell_count, initial_memory
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import Size, show_quantity


@rule(4223, "module-space", phase=Phase.DEFINE)
def module_space(vm: Domain) -> Iterator[Finding]:
    """
    What: The memory at boot and the modules together are above `memory.max`; or the modules alone are above `memory.size`.
    Why: libvirt counts the modules into the memory and refuses more than `max` at define (qemuDomainDefValidateMemoryHotplug,
    src/qemu/qemu_domain.c; virDomainDefPostParseMemory, src/conf/domain_postparse.c; 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: maximum memory size must be equal or greater than the actual memory
    size.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 3GiB; max = 2GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = dimm; size = 2GiB; node = 0 }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = dimm; size = 1GiB; node = 0 }
        }
    """
    memory = vm.memory
    if memory is None or not memory.max or not vm.memory_device or cell_count(vm) is None:
        return
    modules = sum(m.size or 0 for m in vm.memory_device)
    if modules > memory.max - initial_memory(vm):
        yield Finding(
            ("memory-device", vm.memory_device[-1].label),
            f"modules of {show_quantity(Size(modules))} are above what max {show_quantity(memory.max)} leaves",
            labels=((("memory", "max"), "the most"),),
        )
