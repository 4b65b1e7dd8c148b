"""Devices, IOMMU groups and bridges of the host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path
from vmspec.base.suggest import did_you_mean
from vmspec.check.queries.cpus import pins
from vmspec.check.queries.functions import pool_of
from vmspec.check.queries.hostdevs import pci_held
from vmspec.check.queries.hosts import host_cpus, nodes, nodes_of
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, HostObject, Vm
from vmspec.model.devices.network import BridgeSource, DirectSource, NetworkSource
from vmspec.model.value import CpuSet


@rule(5010, "bridge-absent", phase=Phase.FLEET, needs="interface")
def bridge_absent(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: An interface is on a bridge that is not among those of its host (where the host lists its bridges).
    Why: libvirt accepts it at define and fails to start ("Cannot get interface MTU on 'br9': No such device", observed with libvirt 9.0.0).
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; bridge br0 { kind = linux } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; interface eth0 { source = bridge("br9") } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; bridge br0 { kind = linux } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; interface eth0 { source = bridge("br0") } }
    """
    there = [b.label for b in host.spec.bridge]
    if not there:
        return
    for vm in vms:
        for card in vm.spec.interface:
            name = card.source.bridge if isinstance(card.source, BridgeSource) else None
            if name and name not in there:
                yield Finding(
                    ("interface", card.label, "source"),
                    f"{host.name} has no bridge {name}",
                    others=((host, ("bridge", there[0]), "its bridges"),),
                    help=did_you_mean(name, there) or f"it has {', '.join(there)}",
                    of=vm,
                )


@rule(5012, "device-node", phase=Phase.FLEET, severity=Severity.WARNING, needs="hostdev interface")
def device_node(host: HostObject, vms: tuple[Vm, ...], fleet: Fleet) -> Iterator[Finding]:
    """
    What: A VM has a PCI device, a virtual function or a card (`device`, `nic`) of one node and its vCPUs and memory on another.
    Why: Every interrupt and DMA crosses the interconnect; libvirt does not look.
    Example:
        host n1 {
          numa 0 { cpus = 0-3; memory = 16GiB }
          numa 1 { cpus = 4-7; memory = 16GiB }
          device gpu { address = "0000:3b:00.0"; node = 1 }
        }
        vm a {
          place = host(n1); memory.size = 1GiB
          cpu { count = 1; cpuset = 0-3 }
          hostdev gpu { source = pci(0000:3b:00.0); managed = true }
        }
    Instead:
        host n1 {
          numa 0 { cpus = 0-3; memory = 16GiB }
          numa 1 { cpus = 4-7; memory = 16GiB }
          device gpu { address = "0000:3b:00.0"; node = 1 }
        }
        vm a {
          place = host(n1); memory.size = 1GiB
          cpu { count = 1; cpuset = 4-7 }
          hostdev gpu { source = pci(0000:3b:00.0); managed = true }
        }
    """
    known = list(_known(host))
    if not known:
        return
    for vm in vms:
        cpu = vm.spec.cpu
        where = CpuSet.of(c for cpus in pins(vm.spec).values() for c in cpus) or (
            cpu.cpuset if cpu is not None and cpu.cpuset is not None else CpuSet()
        )
        own = nodes_of(host, where)
        for path, name, at in _devices(vm, fleet):
            there = next((k for k in known if k.is_at(at)), None)
            if there is not None and own and there.node not in own:
                yield Finding(
                    path,
                    f"{vm.name} runs on node {own} of {host.name}, and its {name} is on node {there.node}",
                    others=((host, there.path, "the device" if there.path[0] == "device" else "the card"),),
                    of=vm,
                )


class KnownDevice(NamedTuple):
    """A device or card of the host whose node is said."""

    path: Path
    node: int
    places: tuple[str, ...]
    """Its address and its name as a card; and its bus, for what is on one bus is on one node (its functions, virtual ones among them)."""

    def is_at(self, at: str) -> bool:
        return at in self.places or at.rpartition(":")[0] in self.places


def _known(host: HostObject) -> Iterator[KnownDevice]:
    """Whole addresses first: the bus tells only where the device itself is not said."""
    for buses in (False, True):
        for device in host.spec.device:
            if device.address and device.node is not None:
                yield KnownDevice(("device", device.label, "node"), device.node, _places(device.address, buses))
        for nic in host.spec.nic:
            if nic.node is not None:
                places = _places(nic.address, buses) if nic.address else ()
                yield KnownDevice(("nic", nic.label, "node"), nic.node, places if buses else (*places, nic.label))


def _places(address: str, bus: bool) -> tuple[str, ...]:
    return (address.rpartition(":")[0],) if bus else (address,)


def _devices(vm: Vm, fleet: Fleet) -> Iterator[tuple[Path, str, str]]:
    """What the guest has of the host's devices: where that is said, what it is, its address or the name of its card."""
    for path, address in pci_held(vm.spec):
        yield path, f"device {address}", address
    for card in vm.spec.interface:
        match card.source:
            case DirectSource(dev=str(dev)):
                yield ("interface", card.label, "source"), f"card {dev}", dev
            case NetworkSource(network=str(name)):
                pool = pool_of(name, vm, fleet)
                if pool is not None:
                    yield from ((("interface", card.label, "source"), f"card of network {name}", at) for at in pool[:1])


@rule(5013, "iommu-group-split", phase=Phase.FLEET, needs="hostdev interface")
def iommu_group_split(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A VM has a PCI device whose IOMMU group has other devices that it does not have.
    Why: VFIO gives a group whole or not at all ("group N is not viable", Linux Documentation/driver-api/vfio.rst); libvirt accepts it at
    define.
    Example:
        host n1 {
          numa 0 { cpus = 0-3; memory = 16GiB }
          device gpu { address = "0000:3b:00.0"; iommu-group = 7 }
          device snd { address = "0000:3b:00.1"; iommu-group = 7 }
        }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
    Instead:
        host n1 {
          numa 0 { cpus = 0-3; memory = 16GiB }
          device gpu { address = "0000:3b:00.0"; iommu-group = 7 }
          device snd { address = "0000:3b:00.1"; iommu-group = 8 }
        }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
    """
    groups: dict[int, list[str]] = {}
    for each in host.spec.device:
        if each.iommu_group is not None and each.address:
            groups.setdefault(each.iommu_group, []).append(each.address)
    for vm in vms:
        own = {address: path for path, address in pci_held(vm.spec)}
        for number, members in groups.items():
            mine = [m for m in members if m in own]
            left = [m for m in members if m not in own]
            if mine and left:
                yield Finding(
                    own[mine[0]],
                    f"{mine[0]} is in IOMMU group {number} of {host.name} together with {', '.join(left)}, which {vm.name} does not have",
                    of=vm,
                )


@rule(5037, "part-beyond-host", phase=Phase.FLEET, needs="nic device storage siblings")
def part_beyond_host(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A network card, device or storage of a host says a NUMA node, or a group of siblings a CPU, that the host's `numa` blocks do not
    have.
    Why: What is near to a guest is judged by these numbers (5012, 5017); one that there is not makes every guest look far.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; nic eno1 { node = 1 } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; nic eno1 { node = 0 } }
    """
    there, cpus = CpuSet.of(nodes(host)), host_cpus(host)
    for kind, parts in (("nic", host.spec.nic), ("device", host.spec.device), ("storage", host.spec.storage)):
        for part in parts if there else ():
            if part.node is not None and part.node not in there:
                yield Finding(
                    (kind, part.label, "node"),
                    f"{kind} {part.label} is on node {part.node}, and {host.name} has {there}",
                    labels=((("numa",), "its nodes"),),
                )
    for group in (host.spec.siblings or ()) if cpus else ():
        if group - cpus:
            yield Finding(("siblings",), f"{host.name} has no CPU {group - cpus}: it has {cpus}")


@rule(5053, "storage-path-relative", phase=Phase.FLEET, needs="storage")
def storage_path_relative(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: The path of a storage of kind dir or nfs does not begin with `/`.
    Why: Images are told to lie in it, and to be seen by two hosts, by their paths, which are absolute; nothing would ever lie in this one.
    Example:
        host n1 { storage images { kind = dir; path = "srv/images" } }
    Instead:
        host n1 { storage images { kind = dir; path = "/srv/images" } }
    """
    for each in host.spec.storage:
        if each.kind in ("dir", "nfs") and each.path is not None and not each.path.startswith("/"):
            at = ("storage", each.label, "path")
            yield Finding(at, f'"{each.path}" is no absolute path: nothing on {host.name} would lie in it', instead=f'"/{each.path}"')


@rule(5030, "iommu-off", phase=Phase.FLEET, needs="hostdev interface")
def iommu_off(host: HostObject, vms: tuple[Vm, ...], fleet: Fleet) -> Iterator[Finding]:
    """
    What: A VM has a PCI device of its host or a virtual function, and the host says that its IOMMU is off: `iommu = false`, or a
    kernel argument such as `intel_iommu = off`. A host that says nothing has it on for its guests' sake.
    Why: VFIO gives a guest only what an IOMMU confines; libvirt accepts it at define, and the start fails ("host doesn't support
    passthrough of host PCI devices", libvirt 9.0.0).
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; iommu = false }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; iommu = true }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
    """
    off = _off(host)
    if off is None:
        return
    for vm in vms:
        held = [(path, f"device {address}") for path, address in pci_held(vm.spec)]
        for card in vm.spec.interface:
            if isinstance(card.source, NetworkSource) and card.source.network and pool_of(card.source.network, vm, fleet) is not None:
                held.append((("interface", card.label, "source"), f"a virtual function of network {card.source.network}"))
        if held:
            path, what = held[0]
            yield Finding(path, f"{vm.name} has {what}, and the IOMMU of {host.name} is off", others=((host, off, "off here"),), of=vm)


def _off(host: HostObject) -> Path | None:
    """Where the IOMMU is turned off (Linux Documentation/admin-guide/kernel-parameters.txt)."""
    if host.spec.iommu is False:
        return ("iommu",)
    args = host.spec.kernel.args if host.spec.kernel is not None else {}
    return next((("kernel", "args", name) for name in ("intel_iommu", "amd_iommu", "iommu") if str(args.get(name)) == "off"), None)


@rule(5032, "mtu-exceeds-bridge", phase=Phase.FLEET, needs="interface")
def mtu_exceeds_bridge(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: An interface has a larger `mtu` than the bridge of the host that it is on, or where the bridge says none than the card that the
    bridge is attached to.
    Why: The guest is told that it may send such frames (virtio host_mtu), and the bridge drops what is larger than the port it leaves by
    (is_skb_forwardable, net/core/dev.c of Linux 6.1): connections hang once they send much.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; bridge br0 { mtu = 1500 } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; interface eth0 { source = bridge("br0"); mtu = 9000 } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; bridge br0 { mtu = 9000 } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; interface eth0 { source = bridge("br0"); mtu = 9000 } }
    """
    limits = {name: (most, path) for name, most, path in _limits(host)}
    for vm in vms:
        for card in vm.spec.interface:
            name = card.source.bridge if isinstance(card.source, BridgeSource) else None
            most, path = limits.get(name or "", (None, ()))
            if most is not None and card.mtu and card.mtu > most:
                yield Finding(
                    ("interface", card.label, "mtu"),
                    f"{vm.name} has an MTU of {card.mtu} on {name} of {host.name}, which passes on {most}",
                    others=((host, path, "the largest frame"),),
                    instead=str(most),
                    of=vm,
                )


def _limits(host: HostObject) -> Iterator[tuple[str, int, Path]]:
    """Of each bridge: the largest frame, and where that is said."""
    cards = {nic.label: ("nic", nic.mtu) for nic in host.spec.nic} | {bond.label: ("bond", bond.mtu) for bond in host.spec.bond}
    for bridge in host.spec.bridge:
        kind, uplink = cards.get(bridge.uplink or "", ("", None))
        if bridge.mtu is not None:
            yield bridge.label, bridge.mtu, ("bridge", bridge.label, "mtu")
        elif uplink is not None:
            yield bridge.label, uplink, (kind, bridge.uplink or "", "mtu")


@rule(5034, "functions-short", phase=Phase.FLEET, needs="interface hostdev")
def functions_short(host: HostObject, vms: tuple[Vm, ...], fleet: Fleet) -> Iterator[Finding]:
    """
    What: The VMs of a host have more virtual functions of a card than it makes (`nic.vfs`), by address or through a network that deals
    them out. Cards on one PCI bus count together: an address does not tell which of them a function is of.
    Why: The card makes as many as sriov_numvfs says (Linux Documentation/PCI/pci-iov-howto.rst). The last guest does not start ("network
    'vfs' requires exclusive access to interfaces, but none are available", libvirt 9.0.0).
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; nic ens2 { address = "0000:3b:00.0"; vfs = 1 } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; interface md0 { source = hostdev(0000:3b:02.0, managed = true) } }
        vm b { place = host(n1); memory.size = 1GiB; cpu.count = 1; interface md0 { source = hostdev(0000:3b:02.1, managed = true) } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; nic ens2 { address = "0000:3b:00.0"; vfs = 2 } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; interface md0 { source = hostdev(0000:3b:02.0, managed = true) } }
        vm b { place = host(n1); memory.size = 1GiB; cpu.count = 1; interface md0 { source = hostdev(0000:3b:02.1, managed = true) } }
    """
    cards: dict[str, list[str]] = {}
    for nic in host.spec.nic:
        if nic.vfs is not None:
            cards.setdefault(nic.address.rpartition(":")[0] if nic.address else nic.label, []).append(nic.label)
    whole = {nic.address for nic in host.spec.nic}
    for bus, names in cards.items():
        used = [
            (vm, path)
            for vm in vms
            for path, at in _functions(vm, fleet)
            if at in names or (at.rpartition(":")[0] == bus and at not in whole)
        ]
        room = sum(nic.vfs or 0 for nic in host.spec.nic if nic.label in names)
        if len(used) > room:
            vm, path = used[room]
            yield Finding(
                path,
                f"the VMs of {host.name} have {len(used)} virtual functions of {' and '.join(names)}, "
                f"which make{'s' * (len(names) == 1)} {room}",
                others=((host, ("nic", names[0], "vfs"), "made here"), *((other, at, "one of them") for other, at in used[: min(room, 4)])),
                of=vm,
            )


def _functions(vm: Vm, fleet: Fleet) -> Iterator[tuple[Path, str]]:
    """Each device of the host that the guest has, by address, or by the card whose functions a network deals out."""
    yield from pci_held(vm.spec)
    for card in vm.spec.interface:
        pool = pool_of(card.source.network, vm, fleet) if isinstance(card.source, NetworkSource) and card.source.network else None
        if pool:
            yield ("interface", card.label, "source"), pool[0]
