"""Distances, latencies and caches between cells."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.guest_memory import cell_count, cells


@rule(4256, "distance-values", phase=Phase.DEFINE, needs="numa.cell")
def distance_values(vm: Domain) -> Iterator[Finding]:
    """
    What: The distance of a cell to itself is not 10, that to another one is 10 or below, or the other does not exist.
    Why: libvirt 9.0.0 refuses it at define (virDomainNumaDefNodeDistanceParseXML, src/conf/numa_conf.c; 10 is the local distance of ACPI's
    SLIT). Asymmetry is accepted.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: 'value 10' is invalid for 'sibling id 1' under NUMA 'cell id 0'.
    Example:
        vm a {
          cpu.count = 2; memory.size = 2GiB
          numa { cell 0 { cpus = 0; memory = 1GiB; distances { 0 = 10; 1 = 10 } }; cell 1 { cpus = 1; memory = 1GiB } }
        }
    Instead:
        vm a {
          cpu.count = 2; memory.size = 2GiB
          numa { cell 0 { cpus = 0; memory = 1GiB; distances { 0 = 10; 1 = 21 } }; cell 1 { cpus = 1; memory = 1GiB } }
        }
    """
    some, count = cells(vm), cell_count(vm)
    for cell in some:
        for key, value in (cell.distances or {}).items():
            here = ("numa", "cell", cell.label, "distances", key)
            if key.isdigit() and count is not None and int(key) >= count:
                yield Finding(here, f"cell {key} does not exist")
            elif isinstance(value, int) and key == cell.label and value != 10:
                yield Finding(here, f"the distance of cell {key} to itself is 10, not {value}", instead="10")
            elif isinstance(value, int) and key != cell.label and value <= 10:
                yield Finding(here, f"the distance to another cell is above 10, not {value}", instead="20")


@rule(4260, "hmat-references", phase=Phase.DEFINE, needs="numa.latency numa.bandwidth")
def hmat_references(vm: Domain) -> Iterator[Finding]:
    """
    What: A latency or bandwidth names a cell that does not exist, an initiator without vCPUs, or a cache that its target does not have.
    Why: libvirt 9.0.0 refuses it at define (virDomainNumaDefValidate, src/conf/numa_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: 'target' refers to a non-existent NUMA node.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          numa { cell 0 { cpus = 0-1; memory = 1GiB }; latency a { initiator = 0; target = 1; type = access; value = 5ns } }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
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


@rule(4261, "cell-caches", phase=Phase.DEFINE, needs="numa.cell")
def cell_caches(vm: Domain) -> Iterator[Finding]:
    """
    What: Two caches of a cell have the same level, or a level is not from 1 to 3.
    Why: libvirt 9.0.0 refuses it at define (virDomainNumaDefValidate and virDomainNumaDefNodeCacheParseXML, src/conf/numa_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Ain't nobody heard of that much cache level.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          numa.cell 0 { cpus = 0-1; memory = 1GiB; cache a { level = 4; associativity = direct; policy = none; size = 10KiB; line = 8B } }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          numa.cell 0 { cpus = 0-1; memory = 1GiB; cache a { level = 1; associativity = direct; policy = none; size = 10KiB; line = 8B } }
        }
    """
    for cell in cells(vm):
        seen: dict[int, str] = {}
        for cache in cell.cache:
            here = ("numa", "cell", cell.label, "cache", cache.label, "level")
            if cache.level is None or not 1 <= cache.level <= 3:
                yield Finding(
                    here, f"a memory-side cache has level 1, 2 or 3, not {cache.level if cache.level is not None else 'none at all'}"
                )
            elif seen.setdefault(cache.level, cache.label) != cache.label:
                yield Finding(here, f"cell {cell.label} has a cache of level {cache.level} already")
