"""CPUs that cannot be isolated."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.hosts import host_cpus, isolated
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm


@rule(5020, "isolcpus-wrong", phase=Phase.FLEET)
def isolcpus_wrong(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: `kernel.args.isolcpus` names CPU 0 or a CPU that the host does not have, or is empty.
    Why: The kernel skips what it does not understand without a word (Linux Documentation/admin-guide/kernel-parameters.txt, isolcpus), and
    CPU 0 keeps the house.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; kernel.args { isolcpus = 2-5 } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; kernel.args { isolcpus = 2-3 } }
    """
    kernel = host.spec.kernel
    if kernel is None or "isolcpus" not in kernel.args:
        return
    here: Path = ("kernel", "args", "isolcpus")
    alone, there = isolated(host), host_cpus(host)
    if not alone:
        yield Finding(here, f"isolcpus of {host.name} names no CPU", of=host)
    elif 0 in alone:
        yield Finding(here, f"CPU 0 of {host.name} cannot be isolated", of=host)
    elif there and alone - there:
        yield Finding(here, f"{host.name} has no CPU {alone - there}: it has {there}", others=((host, ("numa",), "its CPUs"),), of=host)
