"""Threads of one core that the guest takes for cores."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.cpus import max_vcpus, pins
from vmspec.check.queries.hosts import pinned_cpus, smt_off
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.cores import core_of, threads
from vmspec.lower.fleet import HostObject, Vm


@rule(5026, "siblings-hidden", phase=Phase.RUNTIME, severity=Severity.WARNING)
def siblings_hidden(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: vCPUs are pinned one to a CPU, two of them to threads of one core, and the guest's topology has one thread in a core.
    Why: The guest takes them for cores and puts two busy tasks on one core while another is idle (docs/formatdomain.rst of libvirt 9.0.0,
    "topology").
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; siblings = ["0,4", "1,5", "2,6", "3,7"] }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 2; mode = host-passthrough; pin = 2,6 }; emulator.pin = 0 }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; siblings = ["0,4", "1,5", "2,6", "3,7"] }
        vm a {
          place = host(n1)
          memory.size = 1GiB
          cpu { count = 2; mode = host-passthrough; pin = 2,6; topology { sockets = 1; cores = 1; threads = 2 } }
          emulator.pin = 0
        }
    """
    groups = host.spec.siblings
    if not groups or smt_off(host):
        return
    for vm in vms:
        own = pinned_cpus(vm.spec)
        where = pins(vm.spec)
        whole = bool(own) and len(where) == max_vcpus(vm.spec) and all(len(cpus) == 1 for cpus in where.values())
        both = next((core_of(cpu, groups) & own for cpu in own if len(core_of(cpu, groups) & own) > 1), None)
        if whole and both and threads(vm.spec.cpu) == 1:
            yield Finding(
                ("cpu", "topology") if vm.spec.cpu is not None and vm.spec.cpu.topology is not None else ("cpu", "count"),
                f"CPUs {both} of {host.name} are threads of one core, and {vm.name} takes them for cores",
                help="set cpu.topology with threads = 2, or pin to one thread of each core",
                of=vm,
            )
