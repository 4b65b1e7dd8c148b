"""Bridges and bonds of a host that it says are ours to make."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_interface

from vmspec.base.provenance import Path
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.host import Bond, Bridge

LONGEST_NAME = 15
"""Bytes of an interface's name (IFNAMSIZ of Linux, with its end)."""


@rule(5054, "interface-cannot-be-made", phase=Phase.FLEET, needs="bridge bond")
def interface_cannot_be_made(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A bridge or bond that is managed cannot be made: Open vSwitch keeps its bridges itself, a bond has no ports, a card is in two of
    them, a name is too long for an interface, or an address is none.
    Why: A card is a port of one bridge or bond (netdev_master_upper_dev_link of Linux), and what is made from a wrong file at the next
    start leaves the host without its network.
    Example:
        host n1 { os = debian; bridge br0 { manage = true; uplink = eno1 }; bridge br1 { manage = true; uplink = eno1 } }
    Instead:
        host n1 { os = debian; bridge br0 { manage = true; uplink = eno1 }; bridge br1 { manage = true; uplink = eno2 } }
    """
    bonds = {bond.label: bond for bond in host.spec.bond}
    taken: dict[str, Path] = {}
    for kind, blocks in (("bond", host.spec.bond), ("bridge", host.spec.bridge)):
        for each in blocks:
            here: Path = (kind, each.label)
            if each.manage and (len(each.label) > LONGEST_NAME or "/" in each.label or each.label in (".", "..")):
                yield Finding(here, f"{each.label} is no name of an interface: these have at most {LONGEST_NAME} characters, and no `/`")
            for number, one in enumerate((each.ip.addresses or ()) if each.ip is not None else ()):
                if not _is_address(one):
                    yield Finding((*here, "ip", "addresses"), f"{one} (address {number + 1}) is no address of a network")
    for bond in host.spec.bond:
        if bond.manage and not bond.ports:
            yield Finding(("bond", bond.label), f"bond {bond.label} has no ports")
        for port in bond.ports or ():
            yield from _taken(taken, port, ("bond", bond.label, "ports"))
    for bridge in host.spec.bridge:
        if bridge.manage and bridge.kind == "openvswitch":
            yield Finding(("bridge", bridge.label, "manage"), f"Open vSwitch keeps {bridge.label} in its own database: ovs-vsctl add-br")
        if bridge.uplink:
            yield from _taken(taken, str(bridge.uplink), ("bridge", bridge.label, "uplink"))
            below = bonds.get(str(bridge.uplink))
            if below is not None and bridge.manage and below.ip is not None:
                at: Path = ("bond", below.label, "ip")
                yield Finding(at, f"bond {below.label} is a port of {bridge.label}: the host's address belongs there")


@rule(5055, "interface-not-managed", phase=Phase.FLEET, needs="bridge bond interface-files")
def interface_not_managed(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A bridge or bond has addresses of the host, and does not say `manage = true`; or the host says which files it has, and manages
    nothing.
    Why: Without it the block tells what the host has already, and no file is written: the addresses would be said for nobody.
    Example:
        host n1 { os = debian; bridge br0 { uplink = eno1; ip { dhcp = true } } }
    Instead:
        host n1 { os = debian; bridge br0 { manage = true; uplink = eno1; ip { dhcp = true } } }
    """
    blocks: list[tuple[str, Bond | Bridge]] = [
        *(("bond", each) for each in host.spec.bond),
        *(("bridge", each) for each in host.spec.bridge),
    ]
    for kind, each in blocks:
        if each.ip is not None and not each.manage:
            yield Finding((kind, each.label, "ip"), f"{kind} {each.label} has addresses, and nobody sets them: it is not managed")
    managed = any(each.manage for _, each in blocks)
    if host.spec.interface_files is not None and not managed:
        yield Finding(("interface-files",), f"{host.name} has no bridge or bond that is managed")


def _taken(taken: dict[str, Path], port: str, here: Path) -> Iterator[Finding]:
    if port in taken:
        yield Finding(here, f"{port} is a port of {taken[port][1]} already", labels=((taken[port], "here"),))
    taken.setdefault(port, here)


def _is_address(text: str) -> bool:
    try:
        ip_interface(text)
    except ValueError:
        return False
    return True
