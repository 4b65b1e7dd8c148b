"""Frames larger than the bridge passes on."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.devices.network import BridgeSource


@rule(5032, "mtu-exceeds-bridge", phase=Phase.FLEET)
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
    cards = {nic.label: nic.mtu for nic in host.spec.nic}
    for bridge in host.spec.bridge:
        uplink = cards.get(bridge.uplink or "")
        if bridge.mtu is not None:
            yield bridge.label, bridge.mtu, ("bridge", bridge.label, "mtu")
        elif uplink is not None:
            yield bridge.label, uplink, ("nic", bridge.uplink or "", "mtu")
