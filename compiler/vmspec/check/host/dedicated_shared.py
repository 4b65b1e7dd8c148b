"""A dedicated CPU that another guest uses."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.cpus import pins
from vmspec.check.queries.hosts import is_dedicated, pinned_cpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.value import CpuSet


@rule(5005, "dedicated-shared", phase=Phase.FLEET)
def dedicated_shared(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A CPU of a VM that counts on having it alone (isolate, a real-time scheduler, hint-dedicated) is pinned by another VM too.
    Why: The two take turns, and the first one's latency is the other's time slice. libvirt accepts it.
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 4; isolate = true }; emulator.pin = 1 }
        vm b { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 4 }; emulator.pin = 1 }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 4; isolate = true }; emulator.pin = 1 }
        vm b { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 5 }; emulator.pin = 1 }
    """
    owners: dict[int, Vm] = {}
    for vm in vms:
        if is_dedicated(vm.spec):
            for cpu in pinned_cpus(vm.spec):
                owners.setdefault(cpu, vm)
    if not owners:
        return
    for vm in vms:
        clash = [cpu for cpus in pins(vm.spec).values() for cpu in cpus if owners.get(cpu, vm) is not vm]
        if clash:
            owner = owners[clash[0]]
            yield Finding(
                ("vcpu", str(min(pins(vm.spec)))),
                f"CPU {CpuSet.of(clash)} of {host.name} is {owner.name}'s alone, and {vm.name} is pinned to it too",
                others=((owner, ("vcpu", str(min(pins(owner.spec)))), "dedicated here"),),
                of=vm,
            )
