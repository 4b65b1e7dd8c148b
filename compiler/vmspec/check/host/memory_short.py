"""More memory than the host has."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.build.fleet import HostObject, Vm
from vmspec.check.read.memory import total_memory
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.value import Size, show_quantity


@rule(5003, "memory-short", phase=Phase.FLEET)
def memory_short(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: The VMs of a host, or those bound to one node, have more memory than it has without what is reserved.
    Why: The kernel swaps and then kills; libvirt never adds the guests up.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 4GiB } }
        vm a { place = host(n1); memory.size = 3GiB; cpu.count = 1 }
        vm b { place = host(n1); memory.size = 3GiB; cpu.count = 1 }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 8GiB } }
        vm a { place = host(n1); memory.size = 3GiB; cpu.count = 1 }
        vm b { place = host(n1); memory.size = 3GiB; cpu.count = 1 }
    """
    have = sum(n.memory or 0 for n in host.spec.numa)
    if not have or not vms:
        return
    kept = (host.spec.reserve.memory or 0) if host.spec.reserve is not None else 0
    ratio = host.spec.overcommit.memory if host.spec.overcommit is not None and host.spec.overcommit.memory else 100_000
    room = (have - kept) * ratio // 100_000
    want = sum(total_memory(vm.spec) for vm in vms)
    if want > room:
        last = vms[-1]
        yield Finding(
            ("memory", "size"),
            f"the VMs of {host.name} have {show_quantity(Size(want))} together, and it has room for {show_quantity(Size(room))}",
            others=tuple((vm, ("memory", "size"), show_quantity(Size(total_memory(vm.spec)))) for vm in vms[:5] if vm is not last),
            help="place some elsewhere, or allow it with overcommit.memory",
            of=last,
        )
