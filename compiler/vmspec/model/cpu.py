"""The guest's processor: how many, which model, what topology (docs/formatdomain.rst 9.0.0, "CPU Allocation", "CPU model and topology")."""

from collections.abc import Mapping

from vmspec.model.block import Annotated, Attr, Block, Many, OpenMap, Sub
from vmspec.model.kind import CPUS, NAME, ON_OFF, TEXT, Either, Integer, OneOf, WordFor, Words
from vmspec.model.kind import YES_NO as BOOLEAN
from vmspec.model.pins import PINS
from vmspec.model.units import MICROSECONDS
from vmspec.model.value import CpuSet, Duration, Symbol, Value

COUNT = Integer(1, 65535)
NUMBER = Integer(0)
QUOTA = Either(MICROSECONDS, WordFor("unlimited", "-1"))
POLICY = OneOf("force", "require", "optional", "disable", "forbid")
CPU_NAME = Words(r"[^\n]+", "the name of a CPU model", symbol=True)


class Topology(Block):
    """Sockets, dies, clusters, cores and threads; their product is the largest number of vCPUs."""

    element = "cpu/topology"

    sockets: Annotated[int | None, Attr("@sockets", COUNT, "Sockets.", since="0.7.5")] = None
    dies: Annotated[int | None, Attr("@dies", COUNT, "Dies in a socket.", since="6.1.0")] = None
    clusters: Annotated[int | None, Attr("@clusters", COUNT, "Clusters in a die.", since="10.1.0")] = None
    cores: Annotated[int | None, Attr("@cores", COUNT, "Cores in a die or cluster.", since="0.7.5")] = None
    threads: Annotated[int | None, Attr("@threads", COUNT, "Threads in a core.", since="0.7.5")] = None


class CpuCache(Block):
    """What the guest is told of the processor's cache."""

    element = "cpu/cache"

    level: Annotated[int | None, Attr("@level", Integer(1, 3), "Cache level; none: all of them.", since="3.3.0")] = None
    mode: Annotated[
        Symbol | None, Attr("@mode", OneOf("emulate", "passthrough", "disable"), "Emulated, the host's own, or none.", since="3.3.0")
    ] = None


class MaxPhysAddr(Block):
    """Width of guest-physical addresses."""

    element = "cpu/maxphysaddr"

    mode: Annotated[
        Symbol | None, Attr("@mode", OneOf("emulate", "passthrough"), "A number of bits, or the host's own width.", since="8.7.0")
    ] = None
    bits: Annotated[int | None, Attr("@bits", NUMBER, "Address bits, where emulated.", since="8.7.0")] = None
    limit: Annotated[int | None, Attr("@limit", NUMBER, "At most this many of the host's bits, where passed through.", since="9.3.0")] = (
        None
    )


class ResctrlCache(Block):
    """A part of a host cache."""

    element = "cache"

    id: Annotated[int | None, Attr("@id", NUMBER, "Number of the host's cache.")] = None
    level: Annotated[int | None, Attr("@level", NUMBER, "Level of the host's cache.")] = None
    type: Annotated[Symbol | None, Attr("@type", OneOf("both", "code", "data"), "Which part of it: must be what the host separates.")] = (
        None
    )
    size: Annotated[int | None, Attr("@size", Integer(0), "How much of it, in `unit`s.")] = None
    unit: Annotated[Symbol | None, Attr("@unit", NAME, "Unit of the size; bytes if none is given.")] = None


class ResctrlMonitor(Block):
    """A monitor of cache use."""

    element = "monitor"

    level: Annotated[int | None, Attr("@level", NUMBER, "Level of the host's cache.", since="4.10.0")] = None
    vcpus: Annotated[CpuSet | None, Attr("@vcpus", CPUS, "vCPUs that are watched together.", since="4.10.0")] = None


class CacheTune(Block):
    """A share of the host's cache for some vCPUs, by resctrl."""

    element = "cputune/cachetune"

    vcpus: Annotated[CpuSet | None, Attr("@vcpus", CPUS, "vCPUs that share it; no vCPU twice.", since="4.1.0")] = None
    id: Annotated[str | None, Attr("@id", TEXT, "libvirt's own name of it; live definitions only.")] = None
    cache: Annotated[tuple[ResctrlCache, ...], Many("Parts of caches.", since="4.1.0")] = ()
    monitor: Annotated[tuple[ResctrlMonitor, ...], Many("Monitors.", since="4.10.0")] = ()


class BandwidthNode(Block):
    """Memory bandwidth of one host node."""

    element = "node"

    id: Annotated[int | None, Attr("@id", NUMBER, "Host node.")] = None
    bandwidth: Annotated[int | None, Attr("@bandwidth", NUMBER, "Percentage of its bandwidth.")] = None


class MemoryTune(Block):
    """A share of memory bandwidth for some vCPUs, by resctrl."""

    element = "cputune/memorytune"

    vcpus: Annotated[CpuSet | None, Attr("@vcpus", CPUS, "vCPUs that share it.", since="4.7.0")] = None
    node: Annotated[tuple[BandwidthNode, ...], Many("Share of a host node's bandwidth.", since="4.7.0")] = ()
    monitor: Annotated[tuple[ResctrlMonitor, ...], Many("Monitors of bandwidth.")] = ()


class EnergyMonitor(Block):
    """What watches the energy of some vCPUs."""

    element = "monitor"

    vcpus: Annotated[CpuSet | None, Attr("@vcpus", CPUS, "vCPUs that are watched; none: those of the group.", since="12.4.0")] = None


class EnergyTune(Block):
    """vCPUs whose use of energy is watched, by resctrl."""

    element = "cputune/energytune"

    vcpus: Annotated[CpuSet | None, Attr("@vcpus", CPUS, "vCPUs of the group; none: the whole guest.", since="12.4.0")] = None
    id: Annotated[str | None, Attr("@id", TEXT, "libvirt's own name of it; live definitions only.", since="12.4.0")] = None
    monitor: Annotated[tuple[EnergyMonitor, ...], Many("Monitors.", since="12.4.0")] = ()


class Cpu(Block):
    """The virtual processors."""

    count: Annotated[
        int | None, Attr("vcpu", COUNT, "vCPUs at boot; with `max` there may be more later.", policy="displaced:max:current")
    ] = None
    max: Annotated[int | None, Attr("vcpu", COUNT, "Most vCPUs that the guest can have.", since="0.8.5")] = None
    placement: Annotated[Symbol | None, Attr("vcpu/@placement", OneOf("static", "auto"), "auto: where numad says.", since="0.9.11")] = None
    cpuset: Annotated[
        CpuSet | None, Attr("vcpu/@cpuset", CPUS, "Host CPUs over which all threads without a pin of their own float.", since="0.4.4")
    ] = None
    pin: Annotated[
        CpuSet | None,
        Attr(
            None,
            PINS,
            "Where each vCPU runs: a list, vCPU by vCPU, or a cpuset, dealt out in ascending order, core by core where "
            "the guest's cores have threads and the host's siblings are known. Becomes `vcpu N { pin }`.",
            also=("vcpu", "*", "pin"),
        ),
    ] = None
    isolate: Annotated[bool | None, Attr(None, BOOLEAN, "The pinned CPUs are the guest's alone, siblings included.")] = None
    thread_policy: Annotated[
        Symbol | None,
        Attr(
            None,
            OneOf("isolate", "require", "prefer"),
            "What becomes of the siblings of the pinned CPUs: left idle, the guest's too, or either.",
        ),
    ] = None
    shares: Annotated[int | None, Attr("cputune/shares", NUMBER, "Weight against other guests; 1024 is usual.", since="0.9.0")] = None
    period: Annotated[
        Duration | None, Attr("cputune/period", MICROSECONDS, "Enforcement interval of each vCPU's quota.", since="0.9.4")
    ] = None
    quota: Annotated["Value | None", Attr("cputune/quota", QUOTA, "CPU time of each vCPU in a period, or `unlimited`.", since="0.9.4")] = (
        None
    )
    global_period: Annotated[
        Duration | None, Attr("cputune/global_period", MICROSECONDS, "Enforcement interval of the whole machine's quota.", since="1.3.3")
    ] = None
    global_quota: Annotated[
        "Value | None", Attr("cputune/global_quota", QUOTA, "CPU time of the whole machine in a period, or `unlimited`.", since="1.3.3")
    ] = None
    mode: Annotated[
        Symbol | None,
        Attr(
            "cpu/@mode",
            OneOf("custom", "host-model", "host-passthrough", "maximum"),
            "A named model, the host's nearest model, or the host itself.",
            since="0.9.10",
        ),
    ] = None
    match: Annotated[
        Symbol | None,
        Attr("cpu/@match", OneOf("minimum", "exact", "strict"), "How strictly the model and features are meant.", since="0.7.5"),
    ] = None
    check: Annotated[
        Symbol | None, Attr("cpu/@check", OneOf("none", "partial", "full"), "Whether libvirt compares what QEMU made.", since="3.2.0")
    ] = None
    migratable: Annotated[
        bool | None, Attr("cpu/@migratable", ON_OFF, "Leave out what cannot migrate; of host-passthrough and maximum.", since="6.5.0")
    ] = None
    deprecated_features: Annotated[
        bool | None, Attr("cpu/@deprecated_features", ON_OFF, "Whether features that the hypervisor deprecates are on.", since="11.0.0")
    ] = None
    model: Annotated[Symbol | None, Attr("cpu/model", CPU_NAME, "Named CPU model.", since="0.7.5")] = None
    fallback: Annotated[
        Symbol | None, Attr("cpu/model/@fallback", OneOf("allow", "forbid"), "Whether a similar model may take its place.", since="0.9.10")
    ] = None
    vendor_id: Annotated[
        str | None, Attr("cpu/model/@vendor_id", TEXT, "Vendor string that the guest sees: twelve characters.", since="0.10.0")
    ] = None
    vendor: Annotated[Symbol | None, Attr("cpu/vendor", CPU_NAME, "Vendor that the host's CPU must have.", since="0.8.3")] = None
    topology: Annotated[Topology | None, Sub("Sockets, dies, cores, threads.", since="0.7.5")] = None
    cache: Annotated[tuple[CpuCache, ...], Many("What the guest is told of the cache.", since="3.3.0", implied="cache0")] = ()
    maxphysaddr: Annotated[MaxPhysAddr | None, Sub("Width of guest-physical addresses.", since="8.7.0")] = None
    features: Annotated[
        Mapping[str, Value] | None,
        OpenMap(
            POLICY,
            "CPU features and what is asked of each; a bare list requires them.",
            place="cpu/feature",
            key="@name",
            value="@policy",
            item=Symbol("require"),
        ),
    ] = None
    cachetune: Annotated[tuple[CacheTune, ...], Many("Shares of the host's cache.", since="4.1.0")] = ()
    memorytune: Annotated[tuple[MemoryTune, ...], Many("Shares of memory bandwidth.", since="4.7.0")] = ()
    energytune: Annotated[tuple[EnergyTune, ...], Many("Use of energy, watched.", since="12.4.0")] = ()
