"""Objects that others name: guests, networks, pools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path, show_path
from vmspec.base.suggest import did_you_mean, nearest
from vmspec.check.queries.references import uses
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, Object, Vm
from vmspec.lower.startorder import names_of, no_names, orders
from vmspec.model.devices.network import DirectSource, NetworkSource, UserSource, VhostUserSource
from vmspec.model.domain import Domain
from vmspec.model.kinds import ObjectKind
from vmspec.model.network import Network
from vmspec.model.show import show
from vmspec.model.value import Value


@rule(6013, "start-after-unknown", phase=Phase.FLEET, needs="start_after restart")
def start_after_unknown(fleet: Fleet) -> Iterator[Finding]:
    """
    What: `start-after` or `restart.after` names no VM of the program.
    Why: The order in which `vmc deploy` starts and restarts guests would silently not hold.
    Example:
        vm web { memory.size = 1GiB; cpu.count = 1; start-after = [vm(dp)] }
        vm db { memory.size = 1GiB; cpu.count = 1 }
    Instead:
        vm web { memory.size = 1GiB; cpu.count = 1; start-after = [vm(db)] }
        vm db { memory.size = 1GiB; cpu.count = 1 }
    """
    known = {vm.name for vm in fleet.vms}
    for vm in fleet.vms:
        for path, value in orders(vm.spec):
            yield from _unknown(vm, path, value, known)


def _unknown(vm: Vm, path: Path, value: Value, known: set[str]) -> Iterator[Finding]:
    for other in no_names(value):
        yield Finding(path, f"{show_path(path)} of {vm.name} takes VMs, and {show(other)} is none", help="write [vm(NAME)]", of=vm)
    for name in names_of(value):
        if name not in known:
            begun = "started" if path == ("start-after",) else "restarted"
            message = f"{vm.name} is to be {begun} after {name}, and there is no such VM"
            yield Finding(path, message, help=did_you_mean(name, known), of=vm)


@rule(6014, "start-after-ring", phase=Phase.FLEET, needs="start_after restart")
def start_after_ring(fleet: Fleet) -> Iterator[Finding]:
    """
    What: A VM is to be started or restarted after itself, or after one that waits for it.
    Why: There is no order in which `vmc deploy` could start or restart them.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; start-after = [vm(b)] }
        vm b { memory.size = 1GiB; cpu.count = 1; start-after = [vm(a)] }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; start-after = [vm(b)] }
        vm b { memory.size = 1GiB; cpu.count = 1 }
    """
    named = {vm.name: list(orders(vm.spec)) for vm in fleet.vms}
    after = {name: tuple(each for _, value in said for each in names_of(value)) for name, said in named.items()}
    told: set[str] = set()
    for vm in fleet.vms:
        ring = _ring(vm.name, after)
        if ring and vm.name not in told:
            told |= set(ring)
            path = next((path for path, value in named[vm.name] if ring[-1] == vm.name or ring[1] in names_of(value)), ("start-after",))
            yield Finding(path, f"{vm.name} would wait for itself: {' after '.join((*ring, ring[0]))}", of=vm)


def _ring(name: str, after: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The shortest way from a VM back to itself."""
    ways: list[tuple[str, ...]] = [(name,)]
    seen: set[str] = set()
    for way in ways:
        for each in after.get(way[-1], ()):
            if each == name:
                return way
            if each not in seen:
                seen.add(each)
                ways.append((*way, each))
    return ()


@rule(6010, "reference-elsewhere", phase=Phase.FLEET)
def reference_elsewhere(fleet: Fleet) -> Iterator[Finding]:
    """
    What: A VM or volume uses a network, pool or volume of the program that is placed on another host.
    Why: libvirt's networks and pools are each host's own: define accepts the name, and start fails ("Network not found: no network with
        matching name 'lab'", virNetworkLookupByName, src/conf/virnetworkobj.c and src/network/bridge_driver.c 9.0.0).
    Example:
        host n1 { }
        host n2 { }
        network lab { place = host(n1); bridge { name = "virbr7" }; forward { mode = nat }; ip main { address = "10.7.0.1"; prefix = 24 } }
        vm a { place = host(n2); memory.size = 1GiB; cpu.count = 1; interface eth0 { source = network(lab) } }
    Instead:
        host n1 { }
        host n2 { }
        network lab { place = host(n1); bridge { name = "virbr7" }; forward { mode = nat }; ip main { address = "10.7.0.1"; prefix = 24 } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; interface eth0 { source = network(lab) } }
    """
    for use in uses(fleet):
        there = use.target
        if there is not None and there.host is not None and use.user.host is not None and there.host != use.user.host:
            yield Finding(
                use.path,
                f"the {use.kind} {use.name} is on {there.host}, and {use.user.name} on {use.user.host}",
                others=((there, ("place",), f"the {use.kind} is placed here"),),
                of=use.user,
            )


@rule(6011, "reference-near", phase=Phase.FLEET, severity=Severity.WARNING)
def reference_near(fleet: Fleet) -> Iterator[Finding]:
    """
    What: A quoted network, pool, volume, nwfilter or secret is none of the program's, and the program has one that is spelt nearly so.
    Why: A quoted name that the program does not declare is taken to be on the host already; a misspelling shows only when the guest starts.
    Example:
        host n1 { }
        network lab { place = host(n1); bridge { name = "virbr7" }; forward { mode = nat }; ip main { address = "10.7.0.1"; prefix = 24 } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; interface eth0 { source = network("labb") } }
    Instead:
        host n1 { }
        network lab { place = host(n1); bridge { name = "virbr7" }; forward { mode = nat }; ip main { address = "10.7.0.1"; prefix = 24 } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; interface eth0 { source = network(lab) } }
    """
    for use in uses(fleet):
        close = nearest(use.name, use.known) if use.target is None and not use.bare else None
        if close is not None:
            call = f"{use.kind}({use.labels.get(close, close)})"
            yield Finding(
                use.path,
                f"{use.user.name} uses the {use.kind} {use.name} of its host, and the program has {close}",
                help=f"write `{call}` for the program's own; another name needs no word if it is the host's",
                of=use.user,
            )


@rule(6012, "pool-undeclared", phase=Phase.FLEET)
def pool_undeclared(fleet: Fleet) -> Iterator[Finding]:
    """
    What: A volume names its pool by a bare word, and the program declares no such pool.
    Why: A bare word is an object of the program; a pool that only the host has is quoted.
    Example:
        pool images { type = dir; target = "/var/lib/libvirt/images" }
        volume "web.qcow2" { pool = imges; capacity = 20GiB; format = qcow2 }
    Instead:
        pool images { type = dir; target = "/var/lib/libvirt/images" }
        volume "web.qcow2" { pool = images; capacity = 20GiB; format = qcow2 }
    """
    for use in uses(fleet):
        if use.bare and use.target is None:
            yield Finding(
                use.path,
                f"no pool is named {use.name}",
                help=did_you_mean(use.name, use.known) or f'a pool that only the host has is quoted: "{use.name}"',
                of=use.user,
            )


@rule(6018, "portgroup-absent", phase=Phase.FLEET, needs="interface")
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


@rule(6019, "card-near", phase=Phase.FLEET, severity=Severity.WARNING)
def card_near(fleet: Fleet) -> Iterator[Finding]:
    """
    What: A guest, a network or a bridge of a host names a network card that is none of the host's cards and bridges, and the host has one
    that is spelt nearly so. Names that differ in numbers only are those of other cards.
    Why: A host may have cards that its block does not list, such as bonds and VLANs; a misspelling shows only when the guest starts.
    Example:
        host n1 { nic eno1 { speed = 10Gbit/s } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; interface eth0 { source = direct("en01") } }
    Instead:
        host n1 { nic eno1 { speed = 10Gbit/s } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; interface eth0 { source = direct("eno1") } }
    """
    hosts = {host.name: host for host in fleet.hosts}
    cards = {name: [each.label for each in (*h.spec.nic, *h.spec.bond, *h.spec.bridge)] for name, h in hosts.items()}
    named = (
        (each, each.host or "", path, name) for each in (*fleet.vms, *fleet.of(ObjectKind.NETWORK)) for path, name in _named(each.spec)
    )
    uplinks = ((host, host.name, ("bridge", bridge.label, "uplink"), bridge.uplink) for host in fleet.hosts for bridge in host.spec.bridge)
    for user, at, path, name in (*named, *uplinks):
        yield from _near(user, at, path, name, cards.get(at, []))


def _near(user: Object[Any], at: str, path: Path, name: str | None, there: list[str]) -> Iterator[Finding]:
    close = nearest(name, there) if name and name not in there else None
    if close is not None and _letters(close) != _letters(str(name)):
        yield Finding(path, f"{at} lists no card {name}, and it has {close}", help=f"write {close}, or list {name} at the host", of=user)


def _letters(name: str) -> str:
    return "".join(letter for letter in name if letter.isalpha())


def _named(spec: object) -> Iterator[tuple[Path, str | None]]:
    """What a VM or a network names of its host's cards."""
    if isinstance(spec, Domain):
        for card in spec.interface:
            if isinstance(card.source, (DirectSource, UserSource, VhostUserSource)):
                yield ("interface", card.label, "source"), card.source.dev
            yield from ((("interface", card.label, "port-forward", p.label, "dev"), p.dev) for p in card.port_forward)
    elif isinstance(spec, Network):
        forward = spec.forward
        if forward is not None:
            yield ("forward", "dev"), forward.dev
            yield ("forward", "pf"), forward.pf
            yield from ((("forward", "interface", i.label, "dev"), i.dev) for i in forward.interface)
            if forward.mode == "bridge" and spec.bridge is not None:
                yield ("bridge", "name"), spec.bridge.name
