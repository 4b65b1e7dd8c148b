"""One device of the host in two guests."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.hostdevs import card_identity, host_identity, pci_address, show_identity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, Vm
from vmspec.model.devices.network import NetworkSource
from vmspec.model.kinds import ObjectKind
from vmspec.model.network import Network


@rule(6005, "hostdev-twice", phase=Phase.FLEET)
def hostdev_twice(fleet: Fleet) -> Iterator[Finding]:
    """
    What: Two VMs of one host have the same host device, as a device or as an interface, or a network of virtual functions that one VM is
    on deals out the device that another has.
    Why: The second does not start while the first runs ("PCI device … is in use by driver QEMU, domain …", virHostdevPreparePCIDevices,
    src/hypervisor/virhostdev.c 9.0.0).
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
        vm b { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
        vm b { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3c:00.0); managed = true } }
    """
    seen: dict[tuple[object, ...], tuple[Vm, Path]] = {}
    for vm in fleet.vms:
        if vm.host is None:
            continue
        for path, key in _held(vm):
            first, there = seen.setdefault((vm.host, *key), (vm, path))
            if first is not vm:
                yield Finding(
                    path,
                    f"{first.name} and {vm.name} both have {show_identity(key)} of {vm.host}",
                    others=((first, there, "the first"),),
                    of=vm,
                )
    yield from _dealt_out(fleet, seen)


def _dealt_out(fleet: Fleet, held: dict[tuple[object, ...], tuple[Vm, Path]]) -> Iterator[Finding]:
    """Functions of a network's pool that a guest has by address: libvirt takes the first that no running guest has
    (networkAllocatePort, src/network/bridge_driver.c 9.0.0), so the pool's guest may be first."""
    used = {(vm.host, c.source.network) for vm in fleet.vms for c in vm.spec.interface if isinstance(c.source, NetworkSource)}
    for network in fleet.of(ObjectKind.NETWORK):
        forward = network.spec.forward if isinstance(network.spec, Network) else None
        if forward is None or forward.mode != "hostdev":
            continue
        for address in forward.address:
            text = pci_address(address)
            for vm, path in (place for key, place in held.items() if key[1:] == ("pci", text)):
                if network.host in (None, vm.host) and (vm.host, network.name) in used:
                    yield Finding(
                        path,
                        f"{vm.name} has {show_identity(('pci', text))} of {vm.host}, and network {network.name} deals it out too",
                        others=((network, ("forward", "address", address.label), "dealt out here"),),
                        of=vm,
                    )


def _held(vm: Vm) -> Iterator[tuple[Path, tuple[object, ...]]]:
    for device in vm.spec.hostdev:
        if (key := host_identity(device)) is not None:
            yield ("hostdev", device.label, "source"), key
    for card in vm.spec.interface:
        if (key := card_identity(card)) is not None:
            yield ("interface", card.label, "source"), key
