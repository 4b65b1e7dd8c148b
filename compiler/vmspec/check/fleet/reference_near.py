"""Names of the host's networks, pools, volumes, filters and secrets that are nearly those of the program's."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.base.suggest import nearest
from vmspec.check.queries.references import uses
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet


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
