"""Sets the memory policy of guest NUMA cells that name only the host node."""

from __future__ import annotations

from vmspec.base.provenance import Path, Provenance
from vmspec.lower.fleet import Vm
from vmspec.lower.passes.change import NOTHING, Context, PassResult, derived
from vmspec.lower.passes.memo import reading
from vmspec.model.numa import Cell
from vmspec.model.value import Symbol

WHOLE = "as numa.mode says for the whole guest"
STRICT = "libvirt's default for memory that is bound to a node"
"""virDomainNumatuneNodeParseXML, src/conf/numa_conf.c 9.0.0; its schema wants the mode to be written."""


@reading("numa")
def expand(vm: Vm, context: Context) -> PassResult:
    numa = vm.spec.numa
    if numa is None or all(cell.nodeset is None or cell.mode is not None for cell in numa.cell):
        return NOTHING
    mode, why = (numa.mode, WHOLE) if numa.mode is not None else (Symbol("strict"), STRICT)
    trails: dict[Path, Provenance] = {}
    cells: list[Cell] = []
    for cell in numa.cell:
        bound = cell.nodeset is not None and cell.mode is None
        cells.append(cell.but(mode=mode) if bound else cell)
        if bound:
            path: Path = ("numa", "cell", cell.label)
            trails[*path, "mode"] = derived(vm, why, *((("numa", "mode"),) if numa.mode is not None else ()), (*path, "nodeset"))
    return PassResult({"numa": numa.but(cell=tuple(cells))}, trails)
