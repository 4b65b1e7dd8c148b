"""More virtual functions than a card has."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.functions import pool_of
from vmspec.check.queries.hostdevs import pci_held
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, HostObject, Vm
from vmspec.model.devices.network import NetworkSource


@rule(5034, "functions-short", phase=Phase.FLEET)
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
