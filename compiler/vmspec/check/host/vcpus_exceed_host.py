"""A guest wider than its host."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.cpus import max_vcpus
from vmspec.check.queries.hosts import host_cpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm


@rule(5009, "vcpus-exceed-host", phase=Phase.RUNTIME, severity=Severity.WARNING)
def vcpus_exceed_host(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A VM has more vCPUs than the host has CPUs.
    Why: Two vCPUs of one guest then share a CPU, and a lock held by the one waits for the other.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 8 }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 4 }
    """
    there = len(host_cpus(host))
    for vm in vms:
        if there and max_vcpus(vm.spec) > there:
            yield Finding(
                ("cpu", "count"),
                f"{vm.name} has {max_vcpus(vm.spec)} vCPUs, and {host.name} has {there} CPUs",
                others=((host, ("numa",), "its CPUs"),),
                of=vm,
            )
