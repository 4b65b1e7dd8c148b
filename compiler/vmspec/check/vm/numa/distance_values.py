"""Distances that ACPI does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.memory import cell_count, cells
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4256, "distance-values", phase=Phase.DEFINE)
def distance_values(vm: Domain) -> Iterator[Finding]:
    """
    What: The distance of a cell to itself is not 10, that to another one is 10 or below, or the other does not exist.
    Why: libvirt 9.0.0 refuses it at define (virDomainNumaDefNodeDistanceParseXML, src/conf/numa_conf.c; 10 is the local distance of ACPI's
    SLIT). Asymmetry is accepted.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: 'value 10' is invalid for 'sibling id 1' under NUMA 'cell id 0'.
    Example:
        vm a {
          cpu.count = 2
          memory.size = 2GiB
          numa { cell 0 { cpus = 0; memory = 1GiB; distances { 0 = 10; 1 = 10 } }; cell 1 { cpus = 1; memory = 1GiB } }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory.size = 2GiB
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
