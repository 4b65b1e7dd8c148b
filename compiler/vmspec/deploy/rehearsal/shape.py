"""Which CPUs, nodes and pages of a host a machine of QEMU can have, and the host as it is in that machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vmspec.base.record import record, replace
from vmspec.lower.fleet import HostObject
from vmspec.model.block import Block
from vmspec.model.guest_pages import page_size
from vmspec.model.host import Host, HostNode
from vmspec.model.value import CpuSet, Size, Value

MOST_CPUS = 16
"""An emulated machine boots in half a minute with so many."""
ROOM = 4 << 30
"""Bytes of huge pages that the machine may have."""
OWN = 512 << 20
"""What a node has besides its pages; the first has the system too, which lies in its memory."""
SYSTEM = 1 << 30
HOLE = 2 << 30
"""Below 4 GiB q35 leaves room for devices, and a gigantic page cannot lie across it (pc_q35_init, hw/i386/pc_q35.c of QEMU 7.2)."""
MIB = 1 << 20


@record(frozen=True, slots=True, kw_only=True)
class Shape:
    """A host in a machine of QEMU."""

    host: HostObject
    """The host with the CPUs and the pages that the machine has."""
    cpus: Mapping[int, int]
    """The machine's CPU for each of the host's that it has."""
    factor: int
    """By how much pages are fewer."""
    threads: int
    nodes: Mapping[int, CpuSet]
    """The machine's CPUs of each node."""
    memory: Mapping[int, int]
    """Bytes of each node."""

    @property
    def is_same(self) -> bool:
        """Whether every CPU of the host is there under its own number: then the command line is the host's, but for pages."""
        return all(a == b for a, b in self.cpus.items())

    def on_host(self, cpus: CpuSet) -> CpuSet:
        back = {b: a for a, b in self.cpus.items()}
        return CpuSet.of(back[cpu] for cpu in cpus if cpu in back)


def shaped(host: HostObject) -> Shape:
    """The machine has every node and, of each, the first and last cores with their siblings, 16 CPUs in all at most."""
    nodes = {int(node.label): node for node in host.spec.numa}
    cores = {number: _cores(node.cpus or CpuSet(), host.spec.siblings or ()) for number, node in nodes.items()}
    chosen = _chosen(cores)
    threads = min((len(core) for some in chosen.values() for core in some), default=1)
    cpus: dict[int, int] = {}
    for core in sorted((core for some in chosen.values() for core in some), key=lambda core: next(iter(core))):
        for cpu in list(core)[:threads]:
            cpus[cpu] = len(cpus)
    factor = max(1, -(-sum(size * count for node in nodes.values() for size, count in _pools(node)) // ROOM))
    spec = _mapped(host.spec, cpus)
    assert isinstance(spec, Host)
    spec = spec.but(numa=tuple(_scaled(node, factor) for node in spec.numa))
    memory = {int(node.label): _memory(node, first=index == 0) for index, node in enumerate(spec.numa)}
    return Shape(
        host=replace(host, spec=spec),
        cpus=cpus,
        factor=factor,
        threads=threads,
        nodes={number: CpuSet.of(cpus[cpu] for core in some for cpu in core if cpu in cpus) for number, some in chosen.items()},
        memory=memory,
    )


def machine(shape: Shape) -> list[str]:
    """Arguments of QEMU. Each core is a socket, so that any node may have any core."""
    count = len(shape.cpus)
    vendor = str(shape.host.spec.vendor or "intel")
    # TCG of QEMU 7.2 has no topoext, by which AMD's CPUs tell their threads: siblings count more than the vendor.
    model = "EPYC-Rome,+svm" if vendor == "amd" and shape.threads == 1 else "Skylake-Server"
    smp = f"{count},sockets={count // shape.threads},cores=1,threads={shape.threads}"
    words = ["-machine", "q35", "-cpu", f"{model},check=off", "-smp", smp, "-m", f"{sum(shape.memory.values()) // MIB}M"]
    for number, size in shape.memory.items():
        words += ["-object", f"memory-backend-ram,id=m{number},size={size // MIB}M", "-numa", f"node,nodeid={number},memdev=m{number}"]
    for number, cpus in shape.nodes.items():
        for socket in dict.fromkeys(cpu // shape.threads for cpu in cpus):
            words += ["-numa", f"cpu,node-id={number},socket-id={socket}"]
    return words


def _cores(cpus: CpuSet, siblings: Sequence[CpuSet]) -> list[CpuSet]:
    grouped = [core for core in siblings if not core - cpus]
    rest = cpus - CpuSet.of(cpu for core in grouped for cpu in core)
    return sorted([*grouped, *(CpuSet.of((cpu,)) for cpu in rest)], key=lambda core: next(iter(core)))


def _chosen(cores: Mapping[int, list[CpuSet]]) -> dict[int, list[CpuSet]]:
    if sum(len(core) for some in cores.values() for core in some) <= MOST_CPUS:
        return dict(cores)
    with_cpus = [number for number, some in cores.items() if some]
    widest = max(len(core) for some in cores.values() for core in some)
    each = max(1, MOST_CPUS // len(with_cpus) // widest)
    first, last = -(-each // 2), each // 2
    return {number: some if len(some) <= each else [*some[:first], *some[len(some) - last :]] for number, some in cores.items()}


def _pools(node: HostNode) -> list[tuple[int, int]]:
    return [(size, count) for key, count in node.hugepages.items() if (size := page_size(key)) is not None and isinstance(count, int)]


def _scaled(node: HostNode, factor: int) -> HostNode:
    return node.but(hugepages={key: -(-count // factor) if isinstance(count, int) else count for key, count in node.hugepages.items()})


def _memory(node: HostNode, first: bool) -> int:
    pools = _pools(node)
    pages = sum(size * count for size, count in pools)
    gigantic = any(count and size >= 1 << 30 for size, count in pools)
    size = pages + OWN + (SYSTEM if first else 0) + ((HOLE if first else 1 << 30) if gigantic else 0)
    return -(-size // (128 * MIB)) * 128 * MIB


def _mapped(value: Value | Block, cpus: Mapping[int, int]) -> Value | Block:
    """The value with the machine's CPUs in place of the host's; those that it lacks are left out."""
    match value:
        case CpuSet():
            return CpuSet.of(cpus[cpu] for cpu in value if cpu in cpus)
        case Block():
            changed = {name: _mapped(inner, cpus) for name, inner in vars(value).items() if _has_cpus(inner)}
            return value.but(**{name: inner for name, inner in changed.items() if name != "distances"}) if changed else value
        case Size() | str() | int():
            return value
        case tuple():
            items = tuple(_mapped(each, cpus) for each in value)
            return type(value)(each for each in items if not (isinstance(each, CpuSet) and not each))
        case Mapping():
            return {key: _mapped(each, cpus) for key, each in value.items()}
    return value


def _has_cpus(value: object) -> bool:
    return isinstance(value, (CpuSet, tuple, Mapping, Block)) and bool(value)
