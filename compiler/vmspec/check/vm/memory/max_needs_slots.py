"""Half of what memory hotplug needs."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4204, "max-needs-slots", phase=Phase.DEFINE)
def max_needs_slots(vm: Domain) -> Iterator[Finding]:
    """
    What: `memory.max` without `memory.slots`, or the reverse.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefPostParseMemory, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; max = 4GiB }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
        }
    """
    memory = vm.memory
    if memory is not None and bool(memory.max) != bool(memory.slots):
        name, other = ("max", "slots") if memory.max else ("slots", "max")
        yield Finding(("memory", name), f"memory.{name} needs memory.{other}")
