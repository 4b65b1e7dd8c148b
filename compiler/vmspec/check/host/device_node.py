"""A device on another node than its guest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path
from vmspec.check.queries.cpus import pins
from vmspec.check.queries.functions import pool_of
from vmspec.check.queries.hostdevs import pci_held
from vmspec.check.queries.hosts import nodes_of
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, HostObject, Vm
from vmspec.model.devices.network import DirectSource, NetworkSource
from vmspec.model.value import CpuSet


@rule(5012, "device-node", phase=Phase.FLEET, severity=Severity.WARNING)
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
          place = host(n1)
          memory.size = 1GiB
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
          place = host(n1)
          memory.size = 1GiB
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
