"""Two guests with CPUs of their own on one core."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.cpus import pins
from vmspec.check.queries.hosts import is_dedicated, pinned_cpus, severity, smt_off
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.cores import core_of
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.value import CpuSet


@rule(5018, "dedicated-core-shared", phase=Phase.FLEET)
def dedicated_core_shared(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: Two guests whose vCPUs are pinned one to a CPU have different threads of the same core. An error where one of them counts on its
    CPUs being its own (`cpu.isolate`, which low-latency sets), a warning elsewhere.
    Why: Threads of a core share its execution units and first-level caches: each is as slow as the other is busy, and can watch it by
    timing (Linux Documentation/admin-guide/hw-vuln/core-scheduling.rst). libvirt never compares guests.
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; siblings = ["0,4", "1,5", "2,6", "3,7"] }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 2 }; emulator.pin = 0 }
        vm b { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 6 }; emulator.pin = 0 }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; siblings = ["0,4", "1,5", "2,6", "3,7"] }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 2 }; emulator.pin = 0 }
        vm b { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 3 }; emulator.pin = 0 }
    """
    groups = host.spec.siblings
    if not groups or smt_off(host):
        return
    owners: dict[int, Vm] = {}
    for vm in vms:
        own = pinned_cpus(vm.spec)
        shared = [(cpu, other) for cpu in own for other in core_of(cpu, groups) if other not in own and other in owners]
        if shared:
            neighbour = owners[shared[0][1]]
            mine = CpuSet.of(cpu for cpu, other in shared if owners[other] is neighbour)
            theirs = CpuSet.of(other for _, other in shared if owners[other] is neighbour)
            yield Finding(
                _place(vm, mine),
                f"CPU {mine} of {vm.name} and CPU {theirs} of {neighbour.name} are threads of one core of {host.name}",
                others=((neighbour, _place(neighbour, theirs), "its neighbour"),),
                help="give each guest whole cores",
                severity=severity(*(each.spec for each in (vm, neighbour) if is_dedicated(each.spec))),
                of=vm,
            )
        owners.update((cpu, vm) for cpu in own if cpu not in owners)


def _place(vm: Vm, cpus: CpuSet) -> tuple[str, ...]:
    number = next(n for n, where in sorted(pins(vm.spec).items()) if where & cpus)
    return ("vcpu", str(number), "pin")
