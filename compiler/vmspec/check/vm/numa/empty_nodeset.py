"""An empty set of nodes."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4259, "empty-nodeset", phase=Phase.DEFINE)
def empty_nodeset(vm: Domain) -> Iterator[Finding]:
    """
    What: A nodeset names no node.
    Why: libvirt 9.0.0 refuses an empty bitmap at define (virDomainNumatuneParseXML, src/conf/numa_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          numa { mode = strict; nodeset = 0,^0 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          numa { mode = strict; nodeset = 0 }
        }
    """
    numa = vm.numa
    if numa is None:
        return
    if numa.nodeset is not None and not numa.nodeset:
        yield Finding(("numa", "nodeset"), "numa.nodeset is empty")
    for cell in numa.cell:
        if cell.nodeset is not None and not cell.nodeset:
            yield Finding(("numa", "cell", cell.label, "nodeset"), f"the nodeset of cell {cell.label} is empty")
