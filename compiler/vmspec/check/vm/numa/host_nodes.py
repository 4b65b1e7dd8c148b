"""The host's nodes that memory comes from."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.guest_memory import cell_count


@rule(4257, "restrictive-mismatch", phase=Phase.DEFINE, needs="numa")
def restrictive_mismatch(vm: Domain) -> Iterator[Finding]:
    """
    What: `numa.mode = restrictive`, and a cell has another mode; or placement by numad beside a cell's own nodes.
    Why: libvirt 9.0.0 refuses it at define (virDomainNumatuneNodeParseXML, src/conf/numa_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: 'restrictive' mode is required in memnode element when mode is
    'restrictive' in memory element.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          numa { mode = restrictive; nodeset = 0; cell 0 { cpus = 0-1; memory = 1GiB; nodeset = 0; mode = strict } }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
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
        elif cell.mode == "restrictive" and numa.mode is not None and numa.mode != "restrictive":
            yield Finding(
                here,
                f"cell {cell.label} is restrictive, and the machine is {numa.mode}",
                labels=((("numa", "mode"), "the machine"),),
                instead=str(numa.mode),
                since="9.10.0",
            )
        elif numa.placement == "auto" or (
            numa.placement is None and numa.nodeset is None and numa.mode is not None and vm.cpu is not None and vm.cpu.placement == "auto"
        ):
            yield Finding(
                here,
                f"cell {cell.label} names its nodes, and numad chooses those of the machine",
                labels=((("numa", "placement"), "numad"),),
            )


@rule(4258, "nodeset-missing", phase=Phase.DEFINE, needs="numa")
def nodeset_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: `numa.mode` or `placement = static` without `numa.nodeset`, or a cell's mode without its nodeset.
    Why: libvirt 9.0.0 refuses it at define (virDomainNumatuneSet and virDomainNumatuneNodeParseXML, src/conf/numa_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: nodeset for NUMA memory tuning must be set if
    'placement' is 'static'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; numa { mode = strict } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; numa { mode = strict; nodeset = 0 } }
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


@rule(4259, "empty-nodeset", phase=Phase.DEFINE, needs="numa")
def empty_nodeset(vm: Domain) -> Iterator[Finding]:
    """
    What: A nodeset names no node.
    Why: libvirt 9.0.0 refuses an empty bitmap at define (virDomainNumatuneParseXML, src/conf/numa_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; numa { mode = strict; nodeset = 0,^0 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; numa { mode = strict; nodeset = 0 } }
    """
    numa = vm.numa
    if numa is None:
        return
    if numa.nodeset is not None and not numa.nodeset:
        yield Finding(("numa", "nodeset"), "numa.nodeset is empty")
    for cell in numa.cell:
        if cell.nodeset is not None and not cell.nodeset:
            yield Finding(("numa", "cell", cell.label, "nodeset"), f"the nodeset of cell {cell.label} is empty")


@rule(4262, "interleave-with-hugepages", phase=Phase.RUNTIME, severity=Severity.WARNING, needs="numa.nodeset")
def interleave_with_hugepages(vm: Domain) -> Iterator[Finding]:
    """
    What: `numa.mode = strict` over several nodes for a guest without cells.
    Why: The guest sees one node and its memory lies on several: half of its accesses are remote and it cannot know which. Give the guest a
    cell for each node, or keep it in one (docs/formatdomain.rst 9.0.0, "NUMA Node Tuning").
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; numa { mode = strict; nodeset = 0-1 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; numa { mode = strict; nodeset = 0 } }
    """
    numa = vm.numa
    if numa is not None and numa.mode == "strict" and numa.nodeset is not None and len(numa.nodeset) > 1 and not numa.cell:
        yield Finding(
            ("numa", "nodeset"),
            f"the guest's memory lies on nodes {numa.nodeset}, and it sees only one",
            help="add numa cells with a nodeset each, or name one node",
        )


@rule(4263, "memnode-without-cell", phase=Phase.DEFINE, needs="numa.cell")
def memnode_without_cell(vm: Domain) -> Iterator[Finding]:
    """
    What: A cell has a nodeset, and the guest has no such cell: it has no memory and no vCPUs.
    Why: libvirt 9.0.0 refuses it at define (virDomainNumatuneNodeParseXML, src/conf/numa_conf.c: "invalid without any guest NUMA cells").
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Element 'memnode' is invalid without any guest NUMA cells.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; numa.cell 0 { nodeset = 0; mode = strict } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; numa.cell 0 { cpus = 0-1; memory = 1GiB; nodeset = 0; mode = strict } }
    """
    if vm.numa is None or cell_count(vm) is None:
        return
    for cell in vm.numa.cell:
        if (cell.nodeset is not None or cell.mode is not None) and cell.memory is None and cell.cpus is None and not cell.raw:
            yield Finding(
                ("numa", "cell", cell.label), f"cell {cell.label} says where its memory lies, and has none", help="set its memory and cpus"
            )
