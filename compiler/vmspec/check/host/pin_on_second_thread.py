"""A pin to a CPU that goes offline with SMT."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.hosts import second_threads, smt_off
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet


@rule(5024, "pin-on-second-thread", phase=Phase.START)
def pin_on_second_thread(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: The host runs without SMT (`smt = false`, or nosmt on its command line), and a pin or `reserve.cpus` names a CPU that is not the
    first thread of its core.
    Why: Those CPUs are offline then (cpu_smt_disable, kernel/cpu.c of Linux 6.1), and a pin to them fails at start:
    sched_setaffinity(2) refuses a mask without an online CPU.
    Example:
        host n1 { smt = false; numa 0 { cpus = 0-7; memory = 16GiB }; siblings = ["0,4", "1,5", "2,6", "3,7"] }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 2; pin = 2,6 }; emulator.pin = 0 }
    Instead:
        host n1 { smt = false; numa 0 { cpus = 0-7; memory = 16GiB }; siblings = ["0,4", "1,5", "2,6", "3,7"] }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 2; pin = 2-3 }; emulator.pin = 0 }
    """
    off = smt_off(host)
    gone = second_threads(host) if off is not None else CpuSet()
    if off is None or not gone:
        return
    kept = host.spec.reserve.cpus if host.spec.reserve is not None else None
    if kept is not None and kept & gone:
        yield Finding(
            ("reserve", "cpus"), f"CPU {kept & gone} of {host.name} is offline without SMT", labels=((off, "turned off here"),), of=host
        )
    for vm in vms:
        for path, cpus in _asked(vm.spec):
            # What the profile takes from `reserve.cpus` is wrong there.
            if cpus & gone and cpus != kept:
                yield Finding(
                    path,
                    f"{vm.name} is pinned to CPU {cpus & gone}, which is offline on {host.name} without SMT",
                    others=((host, off, "turned off here"),),
                    help=f"the first threads of its cores are {_first(host)}",
                    of=vm,
                )
                break


def _first(host: HostObject) -> CpuSet:
    return CpuSet.of(next(iter(group)) for group in host.spec.siblings or ())


def _asked(vm: Domain) -> Iterator[tuple[Path, CpuSet]]:
    asked: list[tuple[Path, CpuSet | None]] = [(("vcpu", v.label, "pin"), v.pin) for v in vm.vcpu]
    asked += [(("iothread", t.label, "pin"), t.pin) for t in vm.iothread]
    asked += [(("emulator", "pin"), vm.emulator.pin if vm.emulator is not None else None)]
    asked += [(("cpu", "cpuset"), vm.cpu.cpuset if vm.cpu is not None else None)]
    return ((path, cpus) for path, cpus in asked if cpus is not None)
