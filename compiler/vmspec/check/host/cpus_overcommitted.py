"""More vCPUs than the host may promise."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.cpus import max_vcpus, pins
from vmspec.check.queries.hosts import host_cpus, is_dedicated, isolated, pinned_cpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.value import CpuSet, show_quantity


@rule(5031, "cpus-overcommitted", phase=Phase.FLEET)
def cpus_overcommitted(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: The floating VMs of a host have more vCPUs than `overcommit.cpu` allows for the CPUs that are left to them: those that are neither
    dedicated, nor isolated, nor housekeeping (`reserve.cpus`), without the part that `reserve.headroom` keeps free.
    Why: The host says how much it promises twice; each vCPU beyond it waits for the others. libvirt never adds guests up.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; overcommit { cpu = 200% } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 4 }
        vm b { place = host(n1); memory.size = 1GiB; cpu.count = 4 }
        vm c { place = host(n1); memory.size = 1GiB; cpu.count = 1 }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; overcommit { cpu = 400% } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 4 }
        vm b { place = host(n1); memory.size = 1GiB; cpu.count = 4 }
        vm c { place = host(n1); memory.size = 1GiB; cpu.count = 1 }
    """
    overcommit, reserve = host.spec.overcommit, host.spec.reserve
    there = host_cpus(host)
    if overcommit is None or overcommit.cpu is None or not there:
        return
    dedicated = CpuSet().union(pinned_cpus(vm.spec) for vm in vms if is_dedicated(vm.spec))
    kept = reserve.cpus if reserve is not None and reserve.cpus is not None else CpuSet()
    left = len(there - dedicated - isolated(host) - kept)
    headroom = reserve.headroom if reserve is not None else None
    room = left * int(overcommit.cpu) * (WHOLE - int(headroom or 0)) // (WHOLE * WHOLE)
    floating = [(vm, max_vcpus(vm.spec)) for vm in vms if not (is_dedicated(vm.spec) and len(pins(vm.spec)) == max_vcpus(vm.spec))]
    want = sum(vcpus for _, vcpus in floating)
    if want > room:
        last = floating[-1][0]
        free = f" with {show_quantity(headroom)} kept free" if headroom else ""
        yield Finding(
            ("cpu", "count"),
            f"the floating VMs of {host.name} have {want} vCPUs, and {show_quantity(overcommit.cpu)} of the {left} CPUs left to them{free} "
            f"are {room}",
            others=(
                (host, ("overcommit", "cpu"), "allowed here"),
                *((vm, ("cpu", "count"), f"{vcpus} vCPUs") for vm, vcpus in floating[:5] if vm is not last),
            ),
            help="place some elsewhere, or allow more with overcommit.cpu",
            of=last,
        )


WHOLE = 100_000
"""100%, in thousandths of one percent."""
