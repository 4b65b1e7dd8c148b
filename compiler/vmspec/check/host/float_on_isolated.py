"""Threads that pile up on one isolated CPU."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.cpus import max_vcpus, pins
from vmspec.check.queries.hosts import isolated
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.value import CpuSet


@rule(5008, "float-on-isolated", phase=Phase.FLEET)
def float_on_isolated(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A vCPU may run on several CPUs that are all isolated (`isolcpus`).
    Why: The scheduler does not balance isolated CPUs: all threads stay on the CPU where they began (observed on Linux 6.1: two busy tasks
    with mask 2-3 both stayed on 2).
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; kernel.args { isolcpus = 4-7 } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 2; cpuset = 4-5 } }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; kernel.args { isolcpus = 4-7 } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 2; pin = 4-5 }; emulator.pin = 1 }
    """
    alone = isolated(host)
    if not alone:
        return
    for vm in vms:
        spec = vm.spec
        where = pins(spec)
        floating: list[tuple[Path, CpuSet]] = [(("vcpu", str(i)), cpus) for i, cpus in sorted(where.items())]
        if spec.cpu is not None and spec.cpu.cpuset is not None and len(where) < max_vcpus(spec):
            floating.append((("cpu", "cpuset"), spec.cpu.cpuset))
        for path, cpus in floating:
            if len(cpus) > 1 and not cpus - alone:
                yield Finding(
                    path,
                    f"{vm.name} floats over CPU {cpus}, all isolated on {host.name}: its threads stay on one",
                    others=((host, ("kernel", "args", "isolcpus"), "isolated here"),),
                    help="pin each vCPU to one CPU",
                    of=vm,
                )
