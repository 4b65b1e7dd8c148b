"""Bridges and bonds of a host that it says are ours to make."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Interface, IPv6Interface, ip_address, ip_interface

from vmspec.base.provenance import Path
from vmspec.base.suggest import did_you_mean
from vmspec.check.queries.hostdevs import pci_held
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.host import Bond, Bridge, Nic

LONGEST_NAME = 15
"""Bytes of an interface's name (IFNAMSIZ of Linux, with its end)."""


@rule(5054, "interface-cannot-be-made", phase=Phase.FLEET, needs="bridge bond")
def interface_cannot_be_made(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A bridge or bond that is managed cannot be made: Open vSwitch keeps its bridges itself, a bond has no ports, a card is in two of
    them or not there, what it is attached to takes smaller frames, a name is too long for an interface, an address is none, or the next
    hop is in none of its networks.
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
            yield from _addresses(here, each)
    for bond in host.spec.bond:
        if bond.manage and not bond.ports:
            yield Finding(("bond", bond.label), f"bond {bond.label} has no ports")
        for port in bond.ports or ():
            yield from _taken(taken, port, ("bond", bond.label, "ports"))
            yield from _port(host, port, bond, ("bond", bond.label, "ports"))
    for bridge in host.spec.bridge:
        if bridge.manage and bridge.kind == "openvswitch":
            yield Finding(("bridge", bridge.label, "manage"), f"Open vSwitch keeps {bridge.label} in its own database: ovs-vsctl add-br")
        if bridge.uplink:
            yield from _taken(taken, str(bridge.uplink), ("bridge", bridge.label, "uplink"))
            yield from _port(host, str(bridge.uplink), bridge, ("bridge", bridge.label, "uplink"))
            below = bonds.get(str(bridge.uplink))
            if below is not None and bridge.manage and below.ip is not None:
                at: Path = ("bond", below.label, "ip")
                yield Finding(at, f"bond {below.label} is a port of {bridge.label}: the host's address belongs there")


@rule(5055, "interface-not-managed", phase=Phase.FLEET, needs="bridge bond interface_files")
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


@rule(5059, "uplink-given-away", phase=Phase.FLEET, needs="bridge bond nic")
def uplink_given_away(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A VM has the network card that a bridge or a bond of its host is attached to.
    Why: The card leaves the host as the guest starts (libvirt unbinds its driver), and with it the network of every guest on the bridge,
    and often the host's own.
    Example:
        host n1 {
          numa 0 { cpus = 0-3; memory = 16GiB }
          nic eno1 { address = "0000:3b:00.0" }
          bridge br0 { uplink = eno1 }
        }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev card { source = pci(0000:3b:00.0); managed = true } }
    Instead:
        host n1 {
          numa 0 { cpus = 0-3; memory = 16GiB }
          nic eno1 { address = "0000:3b:00.0" }
          bridge br0 { uplink = eno1 }
        }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev card { source = pci(0000:3b:00.1); managed = true } }
    """
    below: dict[str, Path] = {port: ("bond", bond.label, "ports") for bond in host.spec.bond for port in bond.ports or ()}
    below |= {str(bridge.uplink): ("bridge", bridge.label, "uplink") for bridge in host.spec.bridge if bridge.uplink}
    cards = {nic.address: nic.label for nic in host.spec.nic if nic.address and nic.label in below}
    for vm in vms:
        for path, address in pci_held(vm.spec):
            if address in cards:
                name = cards[address]
                yield Finding(
                    path,
                    f"{address} is {name} of {host.name}, which {below[name][1]} is attached to",
                    others=((host, below[name], "attached here"),),
                    of=vm,
                )


def _taken(taken: dict[str, Path], port: str, here: Path) -> Iterator[Finding]:
    if port in taken:
        yield Finding(here, f"{port} is a port of {taken[port][1]} already", labels=((taken[port], "here"),))
    taken.setdefault(port, here)


def _port(host: HostObject, name: str, above: Bond | Bridge, here: Path) -> Iterator[Finding]:
    """A port of a bridge or bond: there, where the host lists its cards, and with room for its frames."""
    ports: dict[str, Bond | Nic] = {nic.label: nic for nic in host.spec.nic} | {bond.label: bond for bond in host.spec.bond}
    port = ports.get(name)
    if port is None:
        if above.manage and host.spec.nic:
            yield Finding(here, f"{host.name} has no card or bond {name}", help=did_you_mean(name, ports))
    elif above.mtu is not None and port.mtu is not None and port.mtu < above.mtu:
        kind = "bond" if isinstance(port, Bond) else "nic"
        labels: tuple[tuple[Path, str], ...] = (((kind, name, "mtu"), "its frames"),)
        yield Finding(here, f"{here[1]} passes on frames of {above.mtu} bytes, and {name} of {port.mtu}", labels=labels)


def _addresses(here: Path, each: Bond | Bridge) -> Iterator[Finding]:
    if each.ip is None:
        return
    networks: list[IPv4Interface | IPv6Interface] = []
    for one in each.ip.addresses or ():
        try:
            networks.append(ip_interface(one))
        except ValueError:
            yield Finding((*here, "ip", "addresses"), f"{one} is no address of a network")
    for hop in each.ip.gateways or () if networks else ():
        address = ip_address(hop)
        if not address.is_link_local and not any(address in known.network for known in networks):
            yield Finding(
                (*here, "ip", "gateways"),
                f"{hop} is in no network of {here[1]}: nothing reaches it",
                labels=(((*here, "ip", "addresses"), "its networks"),),
            )
