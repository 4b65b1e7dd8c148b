"""A memory policy of a cell that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import cell_count
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4263, "memnode-without-cell", phase=Phase.DEFINE)
def memnode_without_cell(vm: Domain) -> Iterator[Finding]:
    """
    What: A cell has a nodeset, and the guest has no such cell: it has no memory and no vCPUs.
    Why: libvirt 9.0.0 refuses it at define (virDomainNumatuneNodeParseXML, src/conf/numa_conf.c: "invalid without any guest NUMA cells").
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Element 'memnode' is invalid without any guest NUMA cells.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          numa.cell 0 { nodeset = 0; mode = strict }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          numa.cell 0 { cpus = 0-1; memory = 1GiB; nodeset = 0; mode = strict }
        }
    """
    if vm.numa is None or cell_count(vm) is None:
        return
    for cell in vm.numa.cell:
        if (cell.nodeset is not None or cell.mode is not None) and cell.memory is None and cell.cpus is None and not cell.raw:
            yield Finding(
                ("numa", "cell", cell.label), f"cell {cell.label} says where its memory lies, and has none", help="set its memory and cpus"
            )
