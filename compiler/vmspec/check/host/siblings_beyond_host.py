"""Siblings of a host that it does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.hosts import host_cpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm


@rule(5037, "siblings-beyond-host", phase=Phase.FLEET)
def siblings_beyond_host(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A group of siblings names a CPU that the host's `numa` blocks do not have.
    Why: The threads of guests are dealt out by these groups, and judged by them (5017, 5018); one that there is not makes every pin wrong.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; siblings = ["0,2", "1,9"] }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; siblings = ["0,2", "1,3"] }
    """
    cpus = host_cpus(host)
    for group in (host.spec.siblings or ()) if cpus else ():
        if group - cpus:
            yield Finding(("siblings",), f"{host.name} has no CPU {group - cpus}: it has {cpus}")
