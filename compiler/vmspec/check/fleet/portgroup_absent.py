"""A group of ports that a network of the program does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.suggest import did_you_mean
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet
from vmspec.model.devices.network import NetworkSource
from vmspec.model.kinds import ObjectKind
from vmspec.model.network import Network


@rule(6018, "portgroup-absent", phase=Phase.FLEET)
def portgroup_absent(fleet: Fleet) -> Iterator[Finding]:
    """
    What: An interface names a group of ports that its network, one of the program, does not have.
    Why: libvirt takes the definition, and looks for the group when the guest starts; of one that there is not it takes nothing, neither its
    VLAN nor its bandwidth (virPortGroupFindByName and networkAllocatePort, src/network/bridge_driver.c 9.0.0).
    Example:
        network lab { forward { mode = nat }; ip main { address = "10.7.0.1"; prefix = 24 }; portgroup blue { } }
        vm a { memory.size = 1GiB; cpu.count = 1; interface eth0 { source = network(lab, portgroup = bleu) } }
    Instead:
        network lab { forward { mode = nat }; ip main { address = "10.7.0.1"; prefix = 24 }; portgroup blue { } }
        vm a { memory.size = 1GiB; cpu.count = 1; interface eth0 { source = network(lab, portgroup = blue) } }
    """
    networks = {network.name: network for network in fleet.of(ObjectKind.NETWORK)}
    for vm in fleet.vms:
        for card in vm.spec.interface:
            source = card.source
            network = networks.get(source.network or "") if isinstance(source, NetworkSource) and source.portgroup else None
            if network is None or not isinstance(network.spec, Network) or not isinstance(source, NetworkSource):
                continue
            there = [group.label for group in network.spec.portgroup]
            if source.portgroup not in there:
                yield Finding(
                    ("interface", card.label, "source"),
                    f"network {network.name} has no group of ports {source.portgroup}",
                    others=((network, ("portgroup", there[0]) if there else (), "its groups" if there else "the network"),),
                    help=did_you_mean(str(source.portgroup), there) or None,
                    of=vm,
                )
