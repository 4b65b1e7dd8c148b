"""A dedicated CPU that the host keeps for itself."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.cpus import pins
from vmspec.check.queries.hosts import is_dedicated, pinned_cpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm


@rule(5006, "dedicated-housekeeping", phase=Phase.FLEET)
def dedicated_housekeeping(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A VM that counts on having its CPUs alone is pinned to a housekeeping CPU (`reserve.cpus`).
    Why: The host's services, interrupts and QEMU's own threads run there.
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; reserve { cpus = 0-1 } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 1; isolate = true }; emulator.pin = 0 }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; reserve { cpus = 0-1 } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 4; isolate = true }; emulator.pin = 0 }
    """
    kept = host.spec.reserve.cpus if host.spec.reserve is not None else None
    if not kept:
        return
    for vm in vms:
        if is_dedicated(vm.spec):
            wrong = pinned_cpus(vm.spec) & kept
            if wrong:
                yield Finding(
                    ("vcpu", str(min(pins(vm.spec)))),
                    f"{vm.name} is dedicated to CPU {wrong}, which {host.name} keeps for itself",
                    others=((host, ("reserve", "cpus"), "reserved here"),),
                    of=vm,
                )
