"""A cell that is stricter than the machine allows."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4257, "restrictive-mismatch", phase=Phase.DEFINE)
def restrictive_mismatch(vm: Domain) -> Iterator[Finding]:
    """
    What: `numa.mode = restrictive`, and a cell has another mode; or placement by numad beside a cell's own nodes.
    Why: libvirt 9.0.0 refuses it at define (virDomainNumatuneNodeParseXML, src/conf/numa_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: 'restrictive' mode is required in memnode element when mode is
    'restrictive' in memory element.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          numa { mode = restrictive; nodeset = 0; cell 0 { cpus = 0-1; memory = 1GiB; nodeset = 0; mode = strict } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          numa { mode = restrictive; nodeset = 0; cell 0 { cpus = 0-1; memory = 1GiB; nodeset = 0; mode = restrictive } }
        }
    """
    numa = vm.numa
    if numa is None:
        return
    for cell in numa.cell:
        if cell.nodeset is None and cell.mode is None:
            continue
        here = ("numa", "cell", cell.label, "mode")
        if numa.mode == "restrictive" and cell.mode != "restrictive":
            yield Finding(
                here,
                f"the machine is restrictive, and cell {cell.label} is {cell.mode or 'strict'}",
                labels=((("numa", "mode"), "restrictive here"),),
                instead="restrictive",
            )
        elif numa.placement == "auto" or (
            numa.placement is None and numa.nodeset is None and numa.mode is not None and vm.cpu is not None and vm.cpu.placement == "auto"
        ):
            yield Finding(
                here,
                f"cell {cell.label} names its nodes, and numad chooses those of the machine",
                labels=((("numa", "placement"), "numad"),),
            )
