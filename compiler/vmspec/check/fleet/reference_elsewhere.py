"""Networks, pools and volumes of the program that a guest cannot reach from its host."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.references import uses
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet


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
