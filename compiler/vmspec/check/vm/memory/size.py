"""How much memory a guest has, and may have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.guest_memory import cell_count, cell_memory, total_memory
from vmspec.model.machine import arch, is_qemu
from vmspec.model.value import Size, show_quantity


@rule(4201, "memory-missing", phase=Phase.DEFINE)
def memory_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: Neither `memory.size` nor NUMA cells say how much memory the guest has.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefPostParseMemory, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Memory size must be specified via <memory> or in the <numa>
    configuration.
    Example:
        vm a { cpu.count = 1 }
    Instead:
        vm a { cpu.count = 1; memory.size = 1GiB }
    """
    unread = "memory" in vm.raw  # which is told as such (4950)
    if not (vm.memory is not None and vm.memory.size) and not unread and not cell_memory(vm) and cell_count(vm) is not None:
        yield Finding(("memory",), f"{vm.name or 'the domain'} has no memory", help="set memory.size")


@rule(4202, "current-above-size", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="memory.current")
def current_above_size(vm: Domain) -> Iterator[Finding]:
    """
    What: `memory.current` is above the guest's memory.
    Why: libvirt lowers it without a word (virDomainDefPostParseMemory, src/conf/domain_postparse.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { cpu.count = 2; memory { size = 1GiB; current = 2GiB } }
    Instead:
        vm a { cpu.count = 2; memory { size = 2GiB; current = 1GiB } }
    """
    memory = vm.memory
    if memory is None or not memory.current:
        return
    whole = total_memory(vm)
    if whole and memory.current > whole:
        yield Finding(
            ("memory", "current"),
            f"current {show_quantity(memory.current)} is above the guest's {show_quantity(Size(whole))}",
            labels=((("memory", "size"), "its memory"),),
        )


@rule(4203, "not-whole-mebibytes", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="memory.size")
def not_whole_mebibytes(vm: Domain) -> Iterator[Finding]:
    """
    What: `memory.size` is not a whole number of MiB.
    Why: libvirt rounds it up as the guest starts (qemuDomainAlignMemorySizes, src/qemu/qemu_domain.c 9.0.0); a size in GB is 1000³ bytes
    and mostly meant GiB.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { cpu.count = 2; memory.size = 1000000KiB }
    Instead:
        vm a { cpu.count = 2; memory.size = 977MiB }
    """
    size = vm.memory.size if vm.memory is not None else None
    if size and size % (1 << 20):
        up = Size(-(-size // (1 << 20)) << 20)
        yield Finding(
            ("memory", "size"),
            f"{show_quantity(size)} is no whole number of MiB, and the guest gets {show_quantity(up)}",
            instead=show_quantity(up),
        )


@rule(4204, "max-needs-slots", phase=Phase.DEFINE, needs="memory.max memory.slots")
def max_needs_slots(vm: Domain) -> Iterator[Finding]:
    """
    What: `memory.max` without `memory.slots`, or the reverse.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefPostParseMemory, src/conf/domain_postparse.c); from 9.5.0 on slots may be left out.
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { cpu.count = 2; memory { size = 1GiB; max = 4GiB }; numa { cell 0 { cpus = 0-1; memory = 1GiB } } }
    Instead:
        vm a { cpu.count = 2; memory { size = 1GiB; max = 4GiB; slots = 4 }; numa { cell 0 { cpus = 0-1; memory = 1GiB } } }
    """
    memory = vm.memory
    if memory is not None and bool(memory.max) != bool(memory.slots):
        name, other = ("max", "slots") if memory.max else ("slots", "max")
        yield Finding(("memory", name), f"memory.{name} needs memory.{other}", until="9.5.0" if name == "max" else "")


@rule(4205, "max-below-size", phase=Phase.DEFINE, needs="memory.max")
def max_below_size(vm: Domain) -> Iterator[Finding]:
    """
    What: `memory.max` is below the guest's memory.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefPostParseMemory, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: maximum memory size must be equal or greater than the actual memory
    size.
    Example:
        vm a { cpu.count = 2; memory { size = 4GiB; max = 2GiB; slots = 4 }; numa { cell 0 { cpus = 0-1; memory = 4GiB } } }
    Instead:
        vm a { cpu.count = 2; memory { size = 2GiB; max = 4GiB; slots = 4 }; numa { cell 0 { cpus = 0-1; memory = 2GiB } } }
    """
    memory = vm.memory
    if memory is not None and memory.max and memory.max < total_memory(vm) and not vm.memory_device:
        yield Finding(
            ("memory", "max"),
            f"max {show_quantity(memory.max)} is below the guest's {show_quantity(Size(total_memory(vm)))}",
            labels=((("memory", "size"), "its memory"),),
        )


@rule(4206, "max-needs-cell", phase=Phase.DEFINE, needs="memory.max")
def max_needs_cell(vm: Domain) -> Iterator[Finding]:
    """
    What: `memory.max` is set, and the guest has no NUMA cell.
    Why: Modules belong to cells; libvirt 9.0.0 refuses it at define on x86 ("At least one numa node has to be configured when enabling
    memory hotplug", qemuDomainDefValidateMemoryHotplug, src/qemu/qemu_domain.c), as 9.10.0 does.
    11.3.0 takes it where there are no modules.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: At least one numa node has to be configured when
    enabling memory hotplug.
    Example:
        vm a { cpu.count = 2; memory { size = 1GiB; max = 4GiB; slots = 4 } }
    Instead:
        vm a { cpu.count = 2; memory { size = 1GiB; max = 4GiB; slots = 4 }; numa { cell 0 { cpus = 0-1; memory = 1GiB } } }
    """
    if vm.memory is not None and vm.memory.max and cell_count(vm) == 0 and not arch(vm).startswith("ppc64") and is_qemu(vm):
        yield Finding(
            ("memory", "max"), "memory.max needs a NUMA cell", help="add numa { cell 0 { cpus = …; memory = … } }", until="10.0.0"
        )
