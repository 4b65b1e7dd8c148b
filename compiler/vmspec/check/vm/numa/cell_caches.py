"""A memory-side cache of a level that is taken or unheard of."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import cells
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4261, "cell-caches", phase=Phase.DEFINE)
def cell_caches(vm: Domain) -> Iterator[Finding]:
    """
    What: Two caches of a cell have the same level, or a level is not from 1 to 3.
    Why: libvirt 9.0.0 refuses it at define (virDomainNumaDefValidate and virDomainNumaDefNodeCacheParseXML, src/conf/numa_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Ain't nobody heard of that much cache level.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          numa.cell 0 { cpus = 0-1; memory = 1GiB; cache a { level = 4; associativity = direct; policy = none; size = 10KiB; line = 8B } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
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
