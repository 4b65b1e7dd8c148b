"""Work of the host on the core of a dedicated guest."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.cpus import pins
from vmspec.check.queries.hosts import is_dedicated, isolated, pinned_cpus, smt_off
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.cores import core_of
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.value import CpuSet


@rule(5019, "sibling-in-use", phase=Phase.FLEET, severity=Severity.WARNING)
def sibling_in_use(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A guest that counts on its CPUs being its own has one thread of a core, and on the other one the host keeps house or runs whatever
    it likes.
    Why: Threads of a core share its execution units and caches, so what runs on the one slows the other (Linux
    Documentation/admin-guide/hw-vuln/core-scheduling.rst). The guest takes the whole core, the sibling is isolated and left idle, or SMT
    is off.
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; reserve { cpus = 0,4 }; siblings = ["0,4", "1,5", "2,6", "3,7"] }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 2; isolate = true }; emulator.pin = 0 }
    Instead:
        host n1 {
          numa 0 { cpus = 0-7; memory = 16GiB }
          reserve { cpus = 0,4 }
          siblings = ["0,4", "1,5", "2,6", "3,7"]
          kernel.args { isolcpus = [managed_irq, domain, 2 | 6] }
        }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 2; isolate = true }; emulator.pin = 0 }
    """
    groups = host.spec.siblings
    if not groups or smt_off(host):
        return
    kept = host.spec.reserve.cpus if host.spec.reserve is not None and host.spec.reserve.cpus is not None else CpuSet()
    quiet = isolated(host) - kept
    for vm in vms:
        quiet |= pinned_cpus(vm.spec)
    for vm in vms:
        # `require` is judged by the rule on thread policies, and `prefer` says that it does not matter.
        policy = vm.spec.cpu.thread_policy if vm.spec.cpu is not None else None
        counts = is_dedicated(vm.spec) and policy not in ("require", "prefer")
        alone = {n: own for n, own in pins(vm.spec).items() if len(own) == 1} if counts else {}
        used = {n: core_of(next(iter(own)), groups) - quiet for n, own in sorted(alone.items())}
        busy = CpuSet().union(used.values())
        if busy:
            number = next(n for n, others in used.items() if others)
            cpus = CpuSet().union(alone[n] for n, others in used.items() if others)
            what = "keeps house" if not busy - kept else "may run anything"
            yield Finding(
                ("vcpu", str(number), "pin"),
                f"{vm.name} is dedicated to CPU {cpus}, and on the sibling {busy} {host.name} {what}",
                help=f"give {vm.name} whole cores, or isolate the siblings and leave them idle",
                of=vm,
            )
