"""A bridge that the host does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.suggest import did_you_mean
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.devices.network import BridgeSource


@rule(5010, "bridge-absent", phase=Phase.FLEET)
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
