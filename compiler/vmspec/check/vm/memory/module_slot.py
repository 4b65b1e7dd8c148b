"""Two memory modules in one slot."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.device import DimmAddress
from vmspec.model.domain import Domain


@rule(4224, "module-slot", phase=Phase.DEFINE)
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
