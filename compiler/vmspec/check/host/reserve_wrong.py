"""Housekeeping CPUs that are isolated or absent."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.hosts import host_cpus, isolated
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm


@rule(5021, "reserve-wrong", phase=Phase.FLEET)
def reserve_wrong(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: `reserve.cpus` names a CPU that the host does not have, or one that is isolated.
    Why: Nothing could run there; the house would be kept nowhere.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; reserve { cpus = 0-1 }; kernel.args { isolcpus = 1-3 } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; reserve { cpus = 0-1 }; kernel.args { isolcpus = 2-3 } }
    """
    kept = host.spec.reserve.cpus if host.spec.reserve is not None else None
    if not kept:
        return
    there, alone = host_cpus(host), isolated(host)
    if there and kept - there:
        yield Finding(("reserve", "cpus"), f"{host.name} has no CPU {kept - there}: it has {there}", of=host)
    elif kept & alone:
        yield Finding(
            ("reserve", "cpus"),
            f"CPU {kept & alone} of {host.name} is for housekeeping and isolated",
            others=((host, ("kernel", "args", "isolcpus"), "isolated here"),),
            of=host,
        )
