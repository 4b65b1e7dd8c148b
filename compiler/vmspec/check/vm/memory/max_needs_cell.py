"""Memory hotplug without a cell to plug into."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import cell_count
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import arch, is_qemu


@rule(4206, "max-needs-cell", phase=Phase.DEFINE)
def max_needs_cell(vm: Domain) -> Iterator[Finding]:
    """
    What: `memory.max` is set, and the guest has no NUMA cell.
    Why: Modules belong to cells; libvirt 9.0.0 refuses it at define on x86 ("At least one numa node has to be configured when enabling
    memory hotplug", qemuDomainDefValidateMemoryHotplug, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: At least one numa node has to be configured when
    enabling memory hotplug.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; max = 4GiB; slots = 4 }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; max = 4GiB; slots = 4 }
          numa { cell 0 { cpus = 0-1; memory = 1GiB } }
        }
    """
    if vm.memory is not None and vm.memory.max and cell_count(vm) == 0 and not arch(vm).startswith("ppc64") and is_qemu(vm):
        yield Finding(("memory", "max"), "memory.max needs a NUMA cell", help="add numa { cell 0 { cpus = …; memory = … } }")
