"""Sibling threads used against `cpu.thread-policy`."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.hosts import pinned_cpus, smt_off
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.cores import core_of
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.value import CpuSet


@rule(5025, "thread-policy", phase=Phase.FLEET)
def thread_policy(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: `cpu.thread-policy = isolate`, and a second thread of a core that the guest is pinned to is pinned too, by it or by another guest;
    or `require`, and the guest is pinned to a part of a core.
    Why: That is what the policy says: isolate leaves the siblings idle, require takes whole cores (OpenStack Nova's
    hw:cpu_thread_policy). libvirt knows neither.
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; siblings = ["0,4", "1,5", "2,6", "3,7"] }
        vm a {
          place = host(n1)
          memory.size = 1GiB
          cpu { count = 2; pin = [2, 6]; thread-policy = isolate; topology { sockets = 1; cores = 1; threads = 2 } }
          emulator.pin = 0
        }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; siblings = ["0,4", "1,5", "2,6", "3,7"]; kernel.args { isolcpus = [domain, 6-7] } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 2; pin = [2, 3]; thread-policy = isolate }; emulator.pin = 0 }
    """
    groups = host.spec.siblings
    if not groups:
        return
    for vm in vms:
        policy = vm.spec.cpu.thread_policy if vm.spec.cpu is not None else None
        own = pinned_cpus(vm.spec)
        here = ("cpu", "thread-policy")
        touched = [core_of(cpu, groups) for cpu in own if cpu == next(iter(core_of(cpu, groups) & own))]
        if policy == "isolate":
            taken = CpuSet().union(pinned_cpus(each.spec) for each in vms)
            wrong = CpuSet.of(cpu for core in touched if len(core & taken) > 1 for cpu in core & taken)
            if wrong:
                yield Finding(here, f"thread-policy = isolate, and CPUs {wrong} of {host.name} are threads of cores of {vm.name}", of=vm)
        elif policy == "require" and not smt_off(host):
            left = CpuSet().union(core - own for core in touched)
            if left:
                message = f"thread-policy = require, and {vm.name} is pinned to parts of cores of {host.name}: CPU {left} is left out"
                yield Finding(here, message, of=vm)
