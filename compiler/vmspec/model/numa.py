"""The guest's NUMA cells, and the host nodes that its memory comes from (docs/formatdomain.rst 9.0.0)."""

from collections.abc import Mapping

from vmspec.model.block import Annotated, Attr, Block, Many, OpenMap
from vmspec.model.kind import CPUS, SIZE_KIB, SIZE_UNITS, YES_NO, Integer, Measure, OneOf
from vmspec.model.units import NANOSECONDS
from vmspec.model.value import CpuSet, Duration, Rate, Size, Symbol, Value

MODE = OneOf("strict", "preferred", "interleave", "restrictive")
NUMBER = Integer(0)
ACCESS_TYPE = OneOf("access", "read", "write")
RATE_KIB = Measure(Rate, "KiB", 1024, with_unit=True, units=SIZE_UNITS)


class CellCache(Block):
    """A memory-side cache of a cell."""

    element = "cache"

    level: Annotated[int | None, Attr("@level", NUMBER, "Level of the cache.", since="6.6.0")] = None
    associativity: Annotated[Symbol | None, Attr("@associativity", OneOf("none", "direct", "full"), "Associativity.", since="6.6.0")] = None
    policy: Annotated[
        Symbol | None, Attr("@policy", OneOf("none", "writeback", "writethrough"), "What happens on a write.", since="6.6.0")
    ] = None
    size: Annotated[Size | None, Attr("size/@value", SIZE_KIB, "Size of the cache.", since="6.6.0")] = None
    line: Annotated[
        Size | None, Attr("line/@value", Measure(Size, "B", 1, with_unit=True, units=SIZE_UNITS), "Size of a cache line.", since="6.6.0")
    ] = None


class Cell(Block):
    """A NUMA cell of the guest."""

    cpus: Annotated[CpuSet | None, Attr("cpu/numa/cell[@id=$label]/@cpus", CPUS, "vCPUs of the cell.", since="0.9.8")] = None
    memory: Annotated[Size | None, Attr("cpu/numa/cell[@id=$label]/@memory", SIZE_KIB, "Memory of the cell.", since="0.9.8")] = None
    access: Annotated[
        Symbol | None,
        Attr(
            "cpu/numa/cell[@id=$label]/@memAccess",
            OneOf("shared", "private"),
            "Whether other processes may map the cell's memory.",
            since="1.2.9",
        ),
    ] = None
    discard: Annotated[
        bool | None, Attr("cpu/numa/cell[@id=$label]/@discard", YES_NO, "Its content is dropped before the guest ends.", since="4.4.0")
    ] = None
    distances: Annotated[
        Mapping[str, Value] | None,
        OpenMap(
            Integer(0, 255),
            "Distance to each cell, by its number: 10 to itself.",
            place="cpu/numa/cell[@id=$label]/distances/sibling",
            key="@id",
            value="@value",
        ),
    ] = None
    cache: Annotated[tuple[CellCache, ...], Many("Memory-side caches.", at="cpu/numa/cell[@id=$label]/cache", since="6.6.0")] = ()
    mode: Annotated[
        Symbol | None,
        Attr("numatune/memnode[@cellid=$label]/@mode", MODE, "How strictly the cell's memory comes from `nodeset`.", since="1.2.7"),
    ] = None
    nodeset: Annotated[
        CpuSet | None,
        Attr("numatune/memnode[@cellid=$label]/@nodeset", CPUS, "Host nodes that the cell's memory comes from.", since="1.2.7"),
    ] = None


class Latency(Block):
    """Latency from one cell to the memory or cache of another, for the guest's ACPI HMAT."""

    element = "cpu/numa/interconnects/latency"

    initiator: Annotated[int | None, Attr("@initiator", NUMBER, "Cell that accesses.", since="6.6.0")] = None
    target: Annotated[int | None, Attr("@target", NUMBER, "Cell whose memory is accessed.", since="6.6.0")] = None
    cache: Annotated[int | None, Attr("@cache", NUMBER, "Level of the target's cache; none: its memory.", since="6.6.0")] = None
    type: Annotated[Symbol | None, Attr("@type", ACCESS_TYPE, "Kind of access.", since="6.6.0")] = None
    value: Annotated[Duration | None, Attr("@value", NANOSECONDS, "Delay.", since="6.6.0")] = None


class Bandwidth(Block):
    """Bandwidth from one cell to the memory or cache of another, for the guest's ACPI HMAT."""

    element = "cpu/numa/interconnects/bandwidth"

    initiator: Annotated[int | None, Attr("@initiator", NUMBER, "Cell that accesses.", since="6.6.0")] = None
    target: Annotated[int | None, Attr("@target", NUMBER, "Cell whose memory is accessed.", since="6.6.0")] = None
    cache: Annotated[int | None, Attr("@cache", NUMBER, "Level of the target's cache; none: its memory.", since="6.6.0")] = None
    type: Annotated[Symbol | None, Attr("@type", ACCESS_TYPE, "Kind of access.", since="6.6.0")] = None
    value: Annotated[Rate | None, Attr("@value", RATE_KIB, "Bandwidth.", since="6.6.0")] = None


class Numa(Block):
    """Where the guest's memory lies, on both sides."""

    mode: Annotated[Symbol | None, Attr("numatune/memory/@mode", MODE, "How strictly memory comes from `nodeset`.", since="0.9.3")] = None
    placement: Annotated[
        Symbol | None, Attr("numatune/memory/@placement", OneOf("static", "auto"), "auto: from the nodes that numad says.", since="0.9.12")
    ] = None
    nodeset: Annotated[
        CpuSet | None, Attr("numatune/memory/@nodeset", CPUS, "Host nodes that the guest's memory comes from.", since="0.9.3")
    ] = None
    local: Annotated[
        bool | None,
        Attr(None, YES_NO, "`vmc place` gives it one node of its host, or one for each cell, for its vCPUs and its memory alike."),
    ] = None
    cell: Annotated[tuple[Cell, ...], Many("Cell of the guest.", numbered=True, since="0.9.8")] = ()
    latency: Annotated[tuple[Latency, ...], Many("Latency between cells.", since="6.6.0")] = ()
    bandwidth: Annotated[tuple[Bandwidth, ...], Many("Bandwidth between cells.", since="6.6.0")] = ()
