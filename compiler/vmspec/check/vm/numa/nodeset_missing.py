"""A memory policy without nodes."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4258, "nodeset-missing", phase=Phase.DEFINE)
def nodeset_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: `numa.mode` or `placement = static` without `numa.nodeset`, or a cell's mode without its nodeset.
    Why: libvirt 9.0.0 refuses it at define (virDomainNumatuneSet and virDomainNumatuneNodeParseXML, src/conf/numa_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: nodeset for NUMA memory tuning must be set if
    'placement' is 'static'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          numa { mode = strict }
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
    automatic = vm.cpu is not None and vm.cpu.placement == "auto"
    if numa.nodeset is None and (numa.placement == "static" or (numa.mode is not None and numa.placement is None and not automatic)):
        yield Finding(
            ("numa", "mode" if numa.mode is not None else "placement"),
            "a memory policy needs the nodes that it is for",
            help="set numa.nodeset",
        )
    for cell in numa.cell:
        if cell.mode is not None and cell.nodeset is None:
            yield Finding(("numa", "cell", cell.label, "mode"), f"the memory policy of cell {cell.label} needs a nodeset")
