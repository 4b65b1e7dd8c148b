"""Memory modules: space, slots, nodes."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.device import DimmAddress
from vmspec.model.domain import Domain
from vmspec.model.guest_memory import cell_count, initial_memory
from vmspec.model.value import Size, show_quantity

SLOTTED = ("dimm", "nvdimm", None)
FREE_OF_SLOTS = "9.5.0"
"""Modules that are PCI devices take no slots from here on, and `slots` may be left out (libvirt, NEWS.rst 9.5.0)."""


@rule(4221, "module-needs-max", phase=Phase.DEFINE, needs="memory_device")
def module_needs_max(vm: Domain) -> Iterator[Finding]:
    """
    What: A memory module and no `memory.max`, or more modules than `memory.slots`.
    Why: libvirt 9.0.0 refuses both at define (qemuDomainDefValidateMemoryHotplug, src/qemu/qemu_domain.c). From 9.5.0 on virtio-mem and
    virtio-pmem take no slots.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: cannot use/hotplug a memory device when domain
    'maxMemory' is not defined.
    Example:
        vm a {
          cpu.count = 2; memory.size = 2GiB
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
            until=FREE_OF_SLOTS if sum(each.model in SLOTTED for each in modules) <= (memory.slots or 0) else "",
        )


@rule(4222, "module-node", phase=Phase.DEFINE, needs="memory_device")
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


@rule(4223, "module-space", phase=Phase.DEFINE, needs="memory_device")
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


@rule(4224, "module-slot", phase=Phase.DEFINE, needs="memory_device")
def module_slot(vm: Domain) -> Iterator[Finding]:
    """
    What: Two memory modules have the same slot or base, or a slot that does not exist.
    Why: libvirt 9.0.0 refuses it at define (qemuDomainDefValidateMemoryHotplugDevice, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: memory device slot '0' is already being used by another
    memory device.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 3GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = dimm; size = 1GiB; node = 0; address = dimm(0) }
          memory-device m1 { model = dimm; size = 1GiB; node = 0; address = dimm(0) }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 3GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
          memory-device m0 { model = dimm; size = 1GiB; node = 0; address = dimm(0) }
          memory-device m1 { model = dimm; size = 1GiB; node = 0; address = dimm(1) }
        }
    """
    slots: dict[int, str] = {}
    bases: dict[int, str] = {}
    room = vm.memory.slots if vm.memory is not None else None
    for module in vm.memory_device:
        at = module.address
        if not isinstance(at, DimmAddress):
            continue
        here = ("memory-device", module.label, "address")
        if at.slot is not None and room and at.slot >= room:
            yield Finding(here, f"slot {at.slot} does not exist: there are {room}, numbered from 0")
        for table, value, name in ((slots, at.slot, "slot"), (bases, at.base, "base")):
            first = table.setdefault(value, module.label) if value is not None and (name == "slot" or value) else module.label
            if first != module.label:
                yield Finding(
                    here,
                    f"memory modules {first} and {module.label} have the same {name} {value}",
                    labels=((("memory-device", first, "address"), "the first"),),
                )
