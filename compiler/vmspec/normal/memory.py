"""Memory: how much there is, limits, huge pages, NUMA."""

from __future__ import annotations

from vmspec.model.domain import Domain
from vmspec.model.memory import Memory
from vmspec.model.numa import Cell, Numa
from vmspec.model.value import CpuSet, Size, Symbol, Value
from vmspec.normal.edit import filled, without
from vmspec.normal.target import Target

LOCAL = 10
"""How far a cell is from itself (LOCAL_DISTANCE, src/conf/numa_conf.c 9.0.0)."""
UNLIMITED = Size(9007199254740991 * 1024)
"""A limit from here on is none (VIR_DOMAIN_MEMORY_PARAM_UNLIMITED, include/libvirt/libvirt-domain.h 9.0.0)."""


def total(vm: Domain, target: Target) -> Domain:
    """The cells' sum where no memory is said, and at define in any case; current memory at most as much as there is
    (virDomainDefPostParseMemory, src/conf/domain_postparse.c 9.0.0)."""
    memory = vm.memory or Memory()
    cells = sum((cell.memory or 0) for cell in vm.numa.cell) if vm.numa is not None else 0
    plugged = sum((device.size or 0) for device in vm.memory_device)
    size = memory.size or Size(0)
    if cells and (not size or target.new):
        size = Size(cells + plugged)
    current = memory.current if memory.current and memory.current <= size else size
    memory = memory.but(size=size, current=current)
    return vm.but(memory=memory if memory.max else without(memory, "max", "slots"))


def limits(vm: Domain, target: Target) -> Domain:
    """A limit that is none is not written (virMemoryLimitIsSet, src/util/virutil.c 9.0.0)."""
    if vm.memory is None:
        return vm
    names = ("hard_limit", "soft_limit", "swap_hard_limit")
    gone = [name for name in names if (getattr(vm.memory, name) or 0) >= UNLIMITED]
    return vm.but(memory=without(vm.memory, *gone, *(["min_guarantee"] if not vm.memory.min_guarantee else [])))


def hugepages(vm: Domain, target: Target) -> Domain:
    """A page for no cell at all is one for all memory, where the guest has no cells (virDomainDefPostParseMemtune,
    src/conf/domain_postparse.c 9.0.0)."""
    memory = vm.memory
    if memory is None or not memory.pages or (vm.numa is not None and vm.numa.cell):
        return vm
    pages = tuple(without(page, "nodes") if page.nodes is not None and not page.nodes else page for page in memory.pages)
    if len(pages) == 1 and pages[0].nodes is None:
        return vm.but(memory=without(memory, "pages").but(hugepages=pages[0].size))
    return vm.but(memory=memory.but(pages=pages))


def numatune(vm: Domain, target: Target) -> Domain:
    """Mode strict; static where there is a nodeset, and then not written; `auto` forgets a nodeset; vCPUs placed automatically
    bring memory placed automatically (virDomainNumatuneParseXML, virDomainNumatuneSet, virDomainNumatuneFormatXML,
    src/conf/numa_conf.c 9.0.0)."""
    numa = vm.numa or Numa()
    auto_cpus = vm.cpu is not None and vm.cpu.placement == "auto"
    if numa.mode is None and numa.placement is None and numa.nodeset is None:
        if not auto_cpus:
            return vm if vm.numa is None else vm.but(numa=_nodes(numa))
        numa = numa.but(placement=Symbol("auto"))
    numa = filled(numa, mode=Symbol("strict"))
    placed = numa.placement or ("static" if numa.nodeset is not None or not auto_cpus else "auto")
    numa = without(numa, "placement") if placed == "static" else without(numa, "nodeset").but(placement=Symbol("auto"))
    return _auto(vm.but(numa=_nodes(numa)))


def _auto(vm: Domain) -> Domain:
    """Memory placed automatically brings vCPUs placed automatically, if no thread is pinned (virDomainDefParseXML,
    src/conf/domain_conf.c 9.0.0)."""
    assert vm.numa is not None
    pinned = any(v.pin for v in vm.vcpu) or any(t.pin for t in vm.iothread) or (vm.emulator is not None and vm.emulator.pin is not None)
    if vm.numa.placement != "auto" or pinned or vm.cpu is None or vm.cpu.cpuset is not None:
        return vm
    return vm.but(cpu=vm.cpu.but(placement=Symbol("auto")))


def _nodes(numa: Numa) -> Numa:
    return numa.but(cell=tuple(filled(cell, mode=Symbol("strict")) if cell.nodeset is not None else cell for cell in numa.cell))


def distances(vm: Domain, target: Target) -> Domain:
    """Both directions are the same where one is not said, and a cell is near to itself (virDomainNumaDefNodeDistanceParseXML,
    src/conf/numa_conf.c 9.0.0)."""
    if vm.numa is None or not any(cell.distances for cell in vm.numa.cell):
        return vm
    whole: dict[str, dict[str, Value]] = {}
    for cell in vm.numa.cell:
        for sibling, value in (cell.distances or {}).items():
            whole.setdefault(cell.label, {cell.label: LOCAL})[sibling] = value
            whole.setdefault(sibling, {sibling: LOCAL}).setdefault(cell.label, value)
    return vm.but(numa=vm.numa.but(cell=tuple(_far(cell, whole.get(cell.label)) for cell in vm.numa.cell)))


def _far(cell: Cell, values: dict[str, Value] | None) -> Cell:
    return cell if values is None else cell.but(distances={sibling: values[sibling] for sibling in sorted(values, key=int)})


def cells(vm: Domain, target: Target) -> Domain:
    """Cells in the order of their numbers; vCPUs of no cell go to the first (qemuDomainDefNumaCPUsRectify,
    src/qemu/qemu_domain.c 9.0.0)."""
    if vm.numa is None or not vm.numa.cell:
        return vm
    ordered = sorted(vm.numa.cell, key=lambda cell: int(cell.label) if cell.label.isdigit() else 0)
    top = (vm.cpu.max or vm.cpu.count or 1) if vm.cpu is not None else 1
    taken = CpuSet()
    for cell in ordered:
        taken |= cell.cpus or CpuSet()
    if len(taken) < top:
        first: Cell = ordered[0]
        ordered[0] = first.but(cpus=(first.cpus or CpuSet()) | (CpuSet.span(0, top - 1) - taken))
    return vm.but(numa=vm.numa.but(cell=tuple(ordered)))
