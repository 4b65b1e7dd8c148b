"""A largest memory below the first."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import total_memory
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import Size, show_quantity


@rule(4205, "max-below-size", phase=Phase.DEFINE)
def max_below_size(vm: Domain) -> Iterator[Finding]:
    """
    What: `memory.max` is below the guest's memory.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefPostParseMemory, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: maximum memory size must be equal or greater than the actual memory
    size.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 4GiB; max = 2GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 4GiB } }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 2GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 2GiB } }
        }
    """
    memory = vm.memory
    if memory is not None and memory.max and memory.max < total_memory(vm) and not vm.memory_device:
        yield Finding(
            ("memory", "max"),
            f"max {show_quantity(memory.max)} is below the guest's {show_quantity(Size(total_memory(vm)))}",
            labels=((("memory", "size"), "its memory"),),
        )
