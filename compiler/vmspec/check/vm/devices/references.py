"""What one part of a VM says of another: incomplete, or of one that there is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from vmspec.base.provenance import Path
from vmspec.check.queries.cpus import max_vcpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.block import Block, Choice, Field, content, schema
from vmspec.model.cpu import CacheTune, CpuCache, MaxPhysAddr, MemoryTune, ResctrlCache, ResctrlMonitor, Topology
from vmspec.model.devices import hostdev, network
from vmspec.model.devices.device import CcidAddress
from vmspec.model.devices.disk import Geometry
from vmspec.model.devices.filesystem import Filesystem, MountSource
from vmspec.model.devices.lease import Lease
from vmspec.model.devices.pstore import Pstore
from vmspec.model.devices.rng import Egd
from vmspec.model.devices.smartcard import Smartcard
from vmspec.model.devices.storage import BackingVolume
from vmspec.model.devices.storage_net import Logged, RbdSource
from vmspec.model.devices.storage_parts import Encryption, Slice
from vmspec.model.domain import Domain
from vmspec.model.numa import Bandwidth, Latency
from vmspec.model.security import LaunchSecurity
from vmspec.model.value import CpuSet

Needed: TypeAlias = tuple[tuple[str, ...], str]
"""What must all be said (of `a|b`, one of the two), by its names in the language, and how it is written."""

ACCESS = ("initiator", "target", "type", "value")
SOCKET = (("address", "port"), 'client("10.0.0.1", 5558)')
NEEDED: Mapping[type[Block], Needed] = {
    Topology: (("sockets", "cores", "threads"), "sockets = 1; cores = 2; threads = 2"),
    CpuCache: (("mode",), "mode = passthrough"),
    MaxPhysAddr: (("mode",), "mode = emulate"),
    ResctrlCache: (("id", "level", "type", "size"), "id = 0; level = 3; type = both; size = 3; unit = MiB"),
    ResctrlMonitor: (("vcpus",), "vcpus = 0"),
    CacheTune: (("vcpus", "cache|monitor"), "vcpus = 0-1; cache l3 { id = 0; level = 3; type = both; size = 3; unit = MiB }"),
    MemoryTune: (("vcpus", "node|monitor"), "vcpus = 0-1; node n0 { id = 0; bandwidth = 60 }"),
    Latency: (ACCESS, "initiator = 0; target = 0; type = access; value = 5ns"),
    Bandwidth: (ACCESS, "initiator = 0; target = 0; type = access; value = 200GiB/s"),
    LaunchSecurity: (("type",), "type = sev; policy = 0x3"),
    Geometry: (("cyls", "heads", "secs"), "cyls = 16383; heads = 16; secs = 63"),
    Slice: (("offset", "size"), "offset = 0B; size = 8GiB"),
    Encryption: (("format",), "format = luks"),
    BackingVolume: (("format",), 'volume("images", "base.qcow2", format = qcow2)'),
    hostdev.PciHostdev: (("bus", "slot"), "pci(0000:3b:00.0)"),
    hostdev.UsbHostdev: (("vendor|bus",), "usb(0x046d, 0x0825), or usb(bus = 1, device = 4)"),
    hostdev.ScsiHostdev: (("adapter", "bus", "target", "unit"), "scsi(scsi_host0, 0, 0, 0)"),
    hostdev.IscsiHostdev: (("name", "hosts"), 'iscsi("iqn.2020-01.org.example:disk/1", hosts = ["san:3260"])'),
    hostdev.StorageHostdev: (("block",), 'storage("/dev/sdb")'),
    hostdev.MiscHostdev: (("char",), 'misc("/dev/net/tun")'),
    hostdev.NetHostdev: (("interface",), 'net("eth1")'),
    network.ClientSource: SOCKET,
    network.ServerSource: (("port",), "server(port = 5558)"),
    network.McastSource: (("address", "port"), 'mcast("230.0.0.1", 5558)'),
    network.UdpSource: (
        ("address", "port", "local-address", "local-port"),
        'udp("10.0.0.2", 5558, local-address = "10.0.0.1", local-port = 5559)',
    ),
    network.InternalSource: (("name",), 'internal("net")'),
    Filesystem: (("source",), 'source = mount("/srv/share")'),
    MountSource: (("dir|socket",), 'mount("/srv/share")'),
    Egd: (("source",), 'egd(source = unix("/run/egd.sock"))'),
    Smartcard: (("source",), "source = host()"),
    Lease: (("key", "path"), 'key = "vm"; path = "/leases/vm"'),
    Pstore: (("path", "size"), 'path = "/var/lib/pstore/a"; size = 64KiB'),
}
LOGIN = (("user", "secret|secret-uuid"),)
TOGETHER: Mapping[type[Block], tuple[tuple[str, str], ...]] = {
    hostdev.UsbHostdev: (("vendor", "product"), ("product", "vendor"), ("bus", "device"), ("device", "bus")),
    Logged: LOGIN,
    RbdSource: LOGIN,
    hostdev.IscsiHostdev: (*LOGIN, ("secret|secret-uuid", "user")),
}
"""Where the first is said, the second has to be."""
PARSED = (Topology, network.ClientSource, network.ServerSource, network.McastSource)
"""What libvirt's parser itself refuses (virCPUDefParseXML, src/conf/cpu_conf.c; virDomainNetDefParseXML, src/conf/domain_conf.c 9.0.0)."""
NOTHING = (Topology, MaxPhysAddr, Geometry, LaunchSecurity)
"""Blocks that say nothing where nothing stands in them."""


@rule(
    4827,
    "part-incomplete",
    phase=Phase.DEFINE,
    needs=(
        "hostdev interface filesystem disk rng smartcard lease pstore launch_security cpu.topology"
        " cpu.cache cpu.maxphysaddr cpu.cachetune cpu.memorytune numa.latency numa.bandwidth"
    ),
)
def part_incomplete(vm: Domain) -> Iterator[Finding]:
    """
    What: A part of a VM does not say all that belongs together: a CPU topology without threads, a PCI device of the host without its
    address, a USB device with a vendor and no product, a tunnel without a port, an encryption without a format.
    Why: libvirt has no default there and refuses the definition where it reads it (src/conf/domain_conf.c and cpu_conf.c 9.0.0).
    Observed: libvirt 9.0.0: define refuses it: "Missing required attribute 'sockets' in element 'topology'", "Missing <source> element in
    hostdev device", "missing product", "'address' must be specified for scsi hostdev source", "missing source information for device".
    Example:
        vm a { memory.size = 1GiB; cpu { count = 4; topology { sockets = 1; cores = 4 } } }
    Instead:
        vm a { memory.size = 1GiB; cpu { count = 4; topology { sockets = 1; cores = 4; threads = 1 } } }
    """
    # Of libvirt's own XML its schema says the rest, and the parts that were read as XML.
    read_as_xml = vm.resolve is None and vm.origin is None
    for path, block in _within(vm, ()):
        if read_as_xml and not isinstance(block, PARSED):
            continue
        names, example = NEEDED.get(type(block), ((), ""))
        lacking = [] if block.raw or (type(block) in NOTHING and not content(block)) else _lacking(block, names)
        if lacking:
            if isinstance(block, Topology):
                example = _rest_of(block, max_vcpus(vm))
            said = f"{_called(path, block)} does not say its {_listed(lacking)}"
            yield Finding(path, said, help=f"write {example}" if example else None)


def _rest_of(topology: Topology, vcpus: int) -> str:
    """What makes a topology whole: one thread, and cores and sockets for what the others leave."""
    rest = max(vcpus // ((topology.sockets or 1) * (topology.dies or 1) * (topology.clusters or 1) * (topology.cores or 1)), 1)
    rest = max(rest // (topology.threads or 1), 1)
    values = {"sockets": rest if topology.cores else 1, "cores": 1 if topology.cores else rest, "threads": 1}
    return "; ".join(f"{name} = {value}" for name, value in values.items() if getattr(topology, name) is None)


def _lacking(block: Block, names: tuple[str, ...]) -> list[str]:
    pairs = (pair for cls in type(block).__mro__ for pair in TOGETHER.get(cls, ()))
    other = [then for first, then in pairs if _said(block, first) and not _said(block, then)]
    missing = [name for name in names if not _said(block, name) and not (other and "|" in name)] + other
    if isinstance(block, LaunchSecurity) and str(block.type) in ("sev", "sev-snp") and block.policy is None:
        missing.append("policy")
    return [name.replace("|", " or ") for name in missing]


def _said(block: Block, names: str) -> bool:
    """Of `a|b`: whether either is."""
    return any(getattr(block, name.replace("-", "_")) not in (None, ()) for name in names.split("|"))


def _within(block: Block, path: Path) -> Iterator[tuple[Path, Block]]:
    """Every block of a VM with its path, in the order of the model."""
    for field in _holding(type(block)):
        value = vars(block).get(field.python)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Block):
                inner = (*path, field.name, *((each.label,) if each.label and not isinstance(field.line, Choice) else ()))
                yield inner, each
                yield from _within(each, inner)


_lines: dict[type[Block], tuple[Field, ...]] = {}


def _holding(block: type[Block]) -> tuple[Field, ...]:
    """The lines that can hold blocks; read off the schema once."""
    known = _lines.get(block)
    if known is None:
        known = _lines[block] = tuple(field for field in schema(block) if field.types)
    return known


def _called(path: Path, block: Block) -> str:
    """`hostdev gpu`, `cpu.topology`; of a call within one, `pci() of hostdev gpu`."""
    call = getattr(type(block), "tag", "")
    whole = path[:-1] if call else path
    named = f"{whole[0]} {whole[1]}" if len(whole) > 1 and len(whole) == 2 and path[0] not in ("cpu", "numa") else ".".join(whole)
    return f"{call}() of {named}" if call else named


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


@rule(4828, "reference-absent", phase=Phase.START)
def reference_absent(vm: Domain) -> Iterator[Finding]:
    """
    What: A disk names a throttle group that the VM does not have, a device a cell, a smartcard a CCID controller, or an IOMMU a PCI
    controller.
    Why: Each of them is another part of the same VM; libvirt or QEMU refuses a name that leads nowhere, at start at the latest.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; smartcard card { source = host(); address = ccid(controller = 7, slot = 0) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; smartcard card { source = host(); address = ccid(controller = 0, slot = 0) } }
    """
    groups = [group.group_name or group.label for group in vm.throttle_group]
    for disk in vm.disk:
        for name in disk.throttle_filters:
            if name not in groups:
                path = ("disk", disk.label, "throttle-filters")
                yield Finding(path, f"the VM has no throttle group {name}", help=f"write `throttle-group {name} {{ … }}` in the VM")
    ccids = [c.index for c in vm.controller if c.type == "ccid"] or [0]
    for card in vm.smartcard:
        at = card.address
        if isinstance(at, CcidAddress) and at.controller is not None and at.controller not in ccids:
            yield Finding(("smartcard", card.label, "address"), f"the VM has no CCID controller {at.controller}")
    buses = [c.index for c in vm.controller if c.type == "pci"]
    for unit in vm.iommu:
        if unit.pci_bus is not None and buses and unit.pci_bus not in buses:
            yield Finding(("iommu", unit.label, "pci-bus"), f"the VM has no PCI controller {unit.pci_bus}")
    yield from _cells(vm)


def _cells(vm: Domain) -> Iterator[Finding]:
    there = CpuSet.of(int(cell.label) for cell in (vm.numa.cell if vm.numa is not None else ()) if cell.label.isdigit())
    for name, value in vars(vm).items():
        for device in value if isinstance(value, tuple) else (value,):
            near = getattr(device, "acpi_nodeset", None) if isinstance(device, Block) else None
            if isinstance(device, Block) and isinstance(near, CpuSet) and near - there:
                path: Path = (name.replace("_", "-"), *((device.label,) if device.label else ()), "acpi-nodeset")
                yield Finding(path, f"cell {near - there} does not exist", help="these are the guest's cells, not the host's nodes")
