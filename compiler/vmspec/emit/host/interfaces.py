"""Bridges and bonds that a host says are ours to make, as its own system's files: of networkd, ifupdown or NetworkManager.

They count from the next start of the host: a bridge that takes over a card under somebody's ssh session cuts it off.
Sources: systemd.netdev(5), systemd.network(5), systemd.link(5) of systemd 252; interfaces(5) of ifupdown 0.8.41,
bridge-utils-interfaces(5), ifenslave's README.Debian; nm-settings-keyfile(5) of NetworkManager 1.42; ip-link(8), bridge(8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from uuid import NAMESPACE_OID, uuid5

from vmspec.base.provenance import Path
from vmspec.base.record import record
from vmspec.emit.host.file import OURS, ROOT, FileEntry, HostFile, lines
from vmspec.lower.fleet import HostObject
from vmspec.model.host import Bond, Bridge, HostAddress, Nic

USUAL = {"debian": "ifupdown", "rhel": "networkmanager", "fedora": "networkmanager", "centos": "networkmanager", "rocky": "networkmanager",
         "alma": "networkmanager", "suse": "networkmanager", "opensuse": "networkmanager"}  # fmt: skip
"""What the installer of a distribution sets up on a server; the others have networkd (Ubuntu's netplan writes files of it)."""
TRUNK = "2-4094"
"""VLANs of an uplink beside the untagged 1, where the bridge filters."""


@record(frozen=True, slots=True)
class Interface:
    """One that we make. `kind` is bridge, bond, or card; `of` is the bridge or bond that it is a port of."""

    name: str
    kind: str
    block: Bridge | Bond | Nic | None
    of: str | None
    of_bridge: bool
    trunk: bool

    @property
    def path(self) -> Path:
        """Of a card that the host does not list it is the bond or bridge that names it."""
        return (
            ("nic" if self.kind == "card" else self.kind, self.name)
            if self.block is not None
            else ("bridge" if self.of_bridge else "bond", self.of or "")
        )


def renderer(host: HostObject) -> str:
    """Which of the three the host has."""
    said = host.spec.interface_files
    return str(said) if said is not None else USUAL.get(str(host.spec.os), "networkd")


def managed(host: HostObject) -> list[Interface]:
    """Bonds, then bridges, then the cards below them, which are ours as far as that goes."""
    spec = host.spec
    bridges = [each for each in spec.bridge if each.manage and each.kind != "openvswitch"]
    bonds = [each for each in spec.bond if each.manage]
    over: dict[str, str] = {}
    for bond in bonds:
        over |= dict.fromkeys(bond.ports or (), bond.label)
    uplinks = {str(bridge.uplink): bridge for bridge in bridges if bridge.uplink}
    found: list[Interface] = []
    cards = {nic.label: nic for nic in spec.nic}
    for bond in bonds:
        bridge = uplinks.get(bond.label)
        found.append(Interface(bond.label, "bond", bond, bridge.label if bridge else None, True, bool(bridge and bridge.vlan_filtering)))
    found += [Interface(bridge.label, "bridge", bridge, None, False, False) for bridge in bridges]
    ports = dict.fromkeys([*over, *(name for name in uplinks if name not in {bond.label for bond in spec.bond})])
    for name in ports:
        bridge = uplinks.get(name)
        of = over.get(name) or (bridge.label if bridge else None)
        trunk = name not in over and bool(bridge and bridge.vlan_filtering)
        found.append(Interface(name, "card", cards.get(name), of, name not in over, trunk))
    return found


def mtu(each: Interface, all_: list[Interface]) -> int | None:
    """Its own, or that of what it is a port of: a bridge has the smallest of its ports', so these must have it too."""
    own = each.block.mtu if each.block is not None else None
    above = next((other for other in all_ if other.name == each.of), None)
    return own if own is not None or above is None else mtu(above, all_)


# ------------------------------------------------------------------------------------------------------ networkd


def networkd(host: HostObject) -> Iterator[HostFile]:
    found = managed(host)
    for each in found:
        if each.kind != "card":
            netdev = ["[NetDev]", f"Name={each.name}", f"Kind={each.kind}", *_line("MTUBytes", mtu(each, found))]
            yield _file(each, f"etc/systemd/network/50-vmspec-{each.name}.netdev", [*netdev, *_netdev_kind(each)])
        network = ["[Match]", f"Name={each.name}", "", "[Link]", *_line("MTUBytes", mtu(each, found))]
        network += [] if _address(each) is not None else ["RequiredForOnline=no"]
        network += ["", "[Network]", *_networkd_address(each)]
        if each.trunk:
            network += ["", "[BridgeVLAN]", "VLAN=1", "PVID=1", "EgressUntagged=1", "", "[BridgeVLAN]", f"VLAN={TRUNK}"]
        yield _file(each, f"etc/systemd/network/50-vmspec-{each.name}.network", network)


def _netdev_kind(each: Interface) -> list[str]:
    if isinstance(each.block, Bond):
        monitored = ["MIIMonitorSec=100ms"]
        return ["", "[Bond]", f"Mode={each.block.mode or 'active-backup'}", *monitored]
    assert isinstance(each.block, Bridge)
    return ["", "[Bridge]", "STP=no", "ForwardDelaySec=0", f"VLANFiltering={'yes' if each.block.vlan_filtering else 'no'}"]


def _networkd_address(each: Interface) -> list[str]:
    if each.of is not None:
        return [f"{'Bridge' if each.of_bridge else 'Bond'}={each.of}", "LinkLocalAddressing=no"]
    address = _address(each)
    if address is None:
        return ["LinkLocalAddressing=no", "IPv6AcceptRA=no"]
    if address.dhcp:
        return ["DHCP=yes"]
    return [
        *(f"Address={one}" for one in address.addresses or ()),
        *(f"Gateway={one}" for one in address.gateways or ()),
        *(f"DNS={one}" for one in address.dns or ()),
    ]


def _address(each: Interface) -> HostAddress | None:
    return each.block.ip if isinstance(each.block, (Bridge, Bond)) else None


# ------------------------------------------------------------------------------------------------------ ifupdown


def ifupdown(host: HostObject) -> Iterator[HostFile]:
    """One file, for a stanza of a bond needs those of its cards. `bridge_…` is read by bridge-utils, `bond-…` by ifenslave."""
    found = managed(host)
    text: list[str] = []
    for each in sorted(found, key=lambda each: ("card", "bond", "bridge").index(each.kind)):
        text += ["", f"auto {each.name}", *_stanzas(each, found)]
    if text:
        entries = tuple(entry for each in found for entry in _entries(each))
        path = f"{ROOT}etc/network/interfaces.d/vmspec"
        yield HostFile(path, lines(f"# {OURS}", text), entries, "bridges, bonds and cards", reboot=True)


def _stanzas(each: Interface, found: list[Interface]) -> Iterator[str]:
    address = _address(each)
    four = [one for one in (address.addresses or () if address else ()) if ":" not in one]
    six = [one for one in (address.addresses or () if address else ()) if ":" in one]
    gateways = address.gateways or () if address else ()
    method = "dhcp" if address is not None and address.dhcp else "static" if four else "manual"
    yield f"iface {each.name} inet {method}"
    if four:
        yield f"    address {four[0]}"
        yield from (f"    gateway {one}" for one in gateways if ":" not in one)
        yield from (f"    dns-nameservers {' '.join(address.dns)}" for _ in [0] if address is not None and address.dns)
    yield from (f"    mtu {size}" for size in [mtu(each, found)] if size is not None)
    if isinstance(each.block, Bond):
        yield f"    bond-slaves {' '.join(each.block.ports or ())}"
        yield f"    bond-mode {each.block.mode or 'active-backup'}"
        yield "    bond-miimon 100"
    if isinstance(each.block, Bridge):
        yield f"    bridge_ports {each.block.uplink or 'none'}"
        yield from ("    bridge_stp off", "    bridge_fd 0")
        if each.block.vlan_filtering:
            yield "    up ip link set dev $IFACE type bridge vlan_filtering 1"
            yield from (f"    up bridge vlan add dev {each.block.uplink} vid {TRUNK}" for _ in [0] if each.block.uplink)
    yield from (f"    up ip address add {one} dev $IFACE" for one in four[1:])
    for number, one in enumerate(six):
        yield from (f"iface {each.name} inet6 static", f"    address {one}")
        yield from (f"    gateway {gateway}" for gateway in gateways if ":" in gateway and number == 0)


# ------------------------------------------------------------------------------------------------ NetworkManager


def networkmanager(host: HostObject) -> Iterator[HostFile]:
    """Files that others may read are passed over by NetworkManager, so each is closed before it is read."""
    found = managed(host)
    for each in found:
        path = f"etc/NetworkManager/system-connections/vmspec-{each.name}.nmconnection"
        kind = {"card": "ethernet"}.get(each.kind, each.kind)
        text = ["[connection]", f"id=vmspec-{each.name}", f"uuid={uuid5(NAMESPACE_OID, f'vmspec {host.name} {each.name}')}", f"type={kind}"]
        text += [f"interface-name={each.name}", "autoconnect-priority=10"]
        text += [f"master={each.of}", f"slave-type={'bridge' if each.of_bridge else 'bond'}"] if each.of is not None else []
        text += _nm_kind(each)
        text += ["", "[ethernet]", f"mtu={size}"] if (size := mtu(each, found)) is not None else []
        text += ["", "[bridge-port]", f"vlans={TRUNK}"] if each.trunk else []
        text += [] if each.of is not None else _nm_address(each)
        file = _file(each, path, text)
        yield HostFile(file.path, file.text, file.entries, file.what, (f"chmod 600 /{path}", f"nmcli connection load /{path}"), reboot=True)


def _nm_kind(each: Interface) -> list[str]:
    if isinstance(each.block, Bond):
        return ["", "[bond]", f"mode={each.block.mode or 'active-backup'}", "miimon=100"]
    if isinstance(each.block, Bridge):
        return ["", "[bridge]", "stp=false", "forward-delay=0", f"vlan-filtering={'true' if each.block.vlan_filtering else 'false'}"]
    return []


def _nm_address(each: Interface) -> list[str]:
    address = _address(each)
    text: list[str] = []
    for section, six in (("ipv4", False), ("ipv6", True)):
        own = [one for one in (address.addresses or () if address else ()) if (":" in one) is six]
        gateways = [one for one in (address.gateways or () if address else ()) if (":" in one) is six]
        dns = [one for one in (address.dns or () if address else ()) if (":" in one) is six]
        method = "auto" if address is not None and address.dhcp else "manual" if own else "disabled"
        text += ["", f"[{section}]", f"method={method}"]
        text += [f"address{number}={one}" for number, one in enumerate(own, 1)]
        text += [f"gateway={gateways[0]}"] if gateways and own else []
        text += [f"dns={';'.join(dns)};"] if dns else []
    return text


# -------------------------------------------------------------------------------------------------------- common


def _line(name: str, value: int | None) -> list[str]:
    return [] if value is None else [f"{name}={value}"]


def _entries(each: Interface) -> tuple[FileEntry, ...]:
    return (FileEntry(each.name, (each.path,), each.kind),)


def _file(each: Interface, path: str, text: list[str]) -> HostFile:
    return HostFile(f"{ROOT}{path}", lines(f"# {OURS}", text), _entries(each), f"{each.kind} {each.name}", reboot=True)


RENDERERS: Mapping[str, Callable[[HostObject], Iterator[HostFile]]] = {
    "networkd": networkd,
    "ifupdown": ifupdown,
    "networkmanager": networkmanager,
}


def interfaces(host: HostObject) -> Iterator[HostFile]:
    """Several files, named after the interfaces."""
    return RENDERERS[renderer(host)](host)
