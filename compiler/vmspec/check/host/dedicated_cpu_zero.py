"""CPU 0 given away."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.cpus import pins
from vmspec.check.queries.hosts import is_dedicated, pinned_cpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm


@rule(5007, "dedicated-cpu-zero", phase=Phase.FLEET)
def dedicated_cpu_zero(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A VM that counts on having its CPUs alone is pinned to CPU 0.
    Why: The boot CPU keeps the kernel's time and interrupts; it cannot be in nohz_full (Linux Documentation/admin-guide/kernel-
    parameters.txt).
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 0; isolate = true }; emulator.pin = 1 }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 4; isolate = true }; emulator.pin = 1 }
    """
    for vm in vms:
        if is_dedicated(vm.spec) and 0 in pinned_cpus(vm.spec):
            yield Finding(("vcpu", str(min(pins(vm.spec)))), f"{vm.name} is dedicated to CPU 0, which {host.name} cannot do without", of=vm)
