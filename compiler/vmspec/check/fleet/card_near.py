"""Names of a host's network cards that are nearly those of the program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path
from vmspec.base.suggest import nearest
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, Object
from vmspec.model.devices.network import DirectSource, UserSource, VhostUserSource
from vmspec.model.domain import Domain
from vmspec.model.kinds import ObjectKind
from vmspec.model.network import Network


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
    cards = {name: [*(c.label for c in h.spec.nic), *(b.label for b in h.spec.bridge)] for name, h in hosts.items()}
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
