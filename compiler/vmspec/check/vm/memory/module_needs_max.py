"""A memory module without room for it."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4221, "module-needs-max", phase=Phase.DEFINE)
def module_needs_max(vm: Domain) -> Iterator[Finding]:
    """
    What: A memory module and no `memory.max`, or more modules than `memory.slots`.
    Why: libvirt 9.0.0 refuses both at define (qemuDomainDefValidateMemoryHotplug, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: cannot use/hotplug a memory device when domain
    'maxMemory' is not defined.
    Example:
        vm a {
          cpu.count = 2
          memory.size = 2GiB
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = dimm; size = 1GiB; node = 0 }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = dimm; size = 1GiB; node = 0 }
        }
    """
    modules = vm.memory_device
    if not modules:
        return
    memory = vm.memory
    if memory is None or not memory.max:
        yield Finding(("memory-device", modules[0].label), "a memory module needs memory.max and memory.slots")
    elif len(modules) > (memory.slots or 0):
        yield Finding(
            ("memory-device", modules[-1].label),
            f"{len(modules)} memory modules do not fit {memory.slots or 0} slots",
            labels=((("memory", "slots"), "the slots"),),
        )
