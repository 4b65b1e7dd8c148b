"""Latencies between cells that do not exist."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import cell_count
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4260, "hmat-references", phase=Phase.DEFINE)
def hmat_references(vm: Domain) -> Iterator[Finding]:
    """
    What: A latency or bandwidth names a cell that does not exist, an initiator without vCPUs, or a cache that its target does not have.
    Why: libvirt 9.0.0 refuses it at define (virDomainNumaDefValidate, src/conf/numa_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: 'target' refers to a non-existent NUMA node.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          numa { cell 0 { cpus = 0-1; memory = 1GiB }; latency a { initiator = 0; target = 1; type = access; value = 5ns } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          numa { cell 0 { cpus = 0-1; memory = 1GiB }; latency a { initiator = 0; target = 0; type = access; value = 5ns } }
        }
    """
    numa = vm.numa
    if numa is None or not (numa.latency or numa.bandwidth):
        return
    count = cell_count(vm)
    links = [("latency", link) for link in numa.latency] + [("bandwidth", link) for link in numa.bandwidth]
    for kind, link in links:
        here = ("numa", kind, link.label)
        for name, cell in (("initiator", link.initiator), ("target", link.target)):
            if cell is not None and count is not None and cell >= count:
                yield Finding((*here, name), f"cell {cell} does not exist")
        # Cell 0 gets the vCPUs that no cell names (qemuDomainDefNumaCPUsPostParse, src/qemu/qemu_domain.c 9.0.0).
        if link.initiator and link.initiator < len(numa.cell) and not numa.cell[link.initiator].cpus:
            yield Finding((*here, "initiator"), f"cell {link.initiator} has no vCPUs that could access memory")
        if (
            link.cache
            and link.target is not None
            and link.target < len(numa.cell)
            and all(c.level != link.cache for c in numa.cell[link.target].cache)
        ):
            yield Finding((*here, "cache"), f"cell {link.target} has no cache of level {link.cache}")
