"""The guest's memory: how much, and how the host provides it (docs/formatdomain.rst 9.0.0, "Memory Allocation" to "Memory Tuning")."""

from vmspec.model.block import Annotated, Attr, Block, Many, Sub
from vmspec.model.devices.memory_balloon import MemoryBalloon
from vmspec.model.kind import CPUS, ON_OFF, PAGE_KIB, PRESENCE, SIZE_KIB, Integer, OneOf, OrTrue
from vmspec.model.value import CpuSet, Size, Symbol, Value

COUNT = Integer(0)


class Page(Block):
    """Huge pages of one size, for some of the guest's NUMA cells."""

    element = "memoryBacking/hugepages/page"

    size: Annotated[Size | None, Attr("@size", PAGE_KIB, "Page size; the host must have pages of it.", since="1.2.5")] = None
    nodes: Annotated[CpuSet | None, Attr("@nodeset", CPUS, "The guest's cells that use them; none: all others.", since="1.2.5")] = None


class Memory(Block):
    """The guest's memory."""

    size: Annotated[Size | None, Attr("memory", SIZE_KIB, "Memory at boot.", since="0.0.1")] = None
    dump_core: Annotated[
        bool | None, Attr("memory/@dumpCore", ON_OFF, "Whether a core dump of QEMU holds the guest's memory.", since="0.10.2")
    ] = None
    max: Annotated[Size | None, Attr("maxMemory", SIZE_KIB, "Most memory after hotplug of modules.", since="1.2.14")] = None
    slots: Annotated[int | None, Attr("maxMemory/@slots", COUNT, "Slots for memory modules.", since="1.2.14")] = None
    current: Annotated[Size | None, Attr("currentMemory", SIZE_KIB, "Memory that the balloon leaves to the guest.", since="0.0.1")] = None
    hugepages: Annotated[
        "Value | None",
        Attr(
            "memoryBacking/hugepages/page/@size",
            OrTrue(PAGE_KIB),
            "Huge pages of this size for all memory; `true`: of the host's default size.",
            since="0.8.0",
            policy="bare-parent",
        ),
    ] = None
    pages: Annotated[tuple[Page, ...], Many("Huge pages of several sizes, or for some cells only.", since="1.2.5")] = ()
    nosharepages: Annotated[
        bool | None, Attr("memoryBacking/nosharepages", PRESENCE, "No merging with other guests' pages (KSM).", since="1.0.6")
    ] = None
    locked: Annotated[bool | None, Attr("memoryBacking/locked", PRESENCE, "Never swapped out, QEMU itself included.", since="1.0.6")] = None
    source: Annotated[
        Symbol | None,
        Attr("memoryBacking/source/@type", OneOf("file", "anonymous", "memfd"), "What kind of memory the host gives.", since="3.2.0"),
    ] = None
    access: Annotated[
        Symbol | None,
        Attr(
            "memoryBacking/access/@mode",
            OneOf("shared", "private"),
            "Whether other processes may map it: vhost-user and virtiofs need shared.",
            since="3.2.0",
        ),
    ] = None
    allocation: Annotated[
        Symbol | None, Attr("memoryBacking/allocation/@mode", OneOf("immediate", "ondemand"), "When it is allocated.", since="3.2.0")
    ] = None
    allocation_threads: Annotated[
        int | None, Attr("memoryBacking/allocation/@threads", COUNT, "Threads that allocate it at start.", since="8.2.0")
    ] = None
    discard: Annotated[
        bool | None, Attr("memoryBacking/discard", PRESENCE, "Its content is dropped before the guest ends.", since="4.4.0")
    ] = None
    hard_limit: Annotated[
        Size | None, Attr("memtune/hard_limit", SIZE_KIB, "Most memory of QEMU as a whole; beyond it the kernel kills.", since="0.8.5")
    ] = None
    soft_limit: Annotated[Size | None, Attr("memtune/soft_limit", SIZE_KIB, "Limit while memory is scarce.", since="0.8.5")] = None
    min_guarantee: Annotated[
        Size | None, Attr("memtune/min_guarantee", SIZE_KIB, "Least memory; VMware and OpenVZ only.", since="0.8.5")
    ] = None
    swap_hard_limit: Annotated[Size | None, Attr("memtune/swap_hard_limit", SIZE_KIB, "Most memory and swap together.", since="0.8.5")] = (
        None
    )
    balloon: Annotated[MemoryBalloon | None, Sub("The balloon, by which the host takes memory back.")] = None
