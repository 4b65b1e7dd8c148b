"""A cell without memory."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import cells
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4255, "cell-without-memory", phase=Phase.START)
def cell_without_memory(vm: Domain) -> Iterator[Finding]:
    """
    What: A cell has no memory, or 0.
    Why: Guests do not expect a node without memory; libvirt refuses a missing value at define and 0 as the guest starts
    (qemuBuildNumaCommandLine, src/qemu/qemu_command.c 9.0.0: the memory backend's size may not be 0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: property 'size' of memory-backend-ram doesn't take value '0'.
    Example:
        vm a {
          cpu.count = 2
          memory.size = 1GiB
          numa { cell 0 { cpus = 0; memory = 1GiB }; cell 1 { cpus = 1; memory = 0B } }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory.size = 2GiB
          numa { cell 0 { cpus = 0; memory = 1GiB }; cell 1 { cpus = 1; memory = 1GiB } }
        }
    """
    for cell in cells(vm):
        if not cell.memory and "memory" not in "".join(cell.raw):
            yield Finding(("numa", "cell", cell.label), f"cell {cell.label} has no memory")
