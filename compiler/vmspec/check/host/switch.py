"""The CPUs of a switch in user space against the host's and its guests'."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.cpus import pins
from vmspec.check.queries.hosts import host_cpus, poll_cpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet


@rule(5045, "poll-cpu-wrong", phase=Phase.FLEET, needs="switch")
def poll_cpu_wrong(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A poll thread of the switch (`switch.cpus`, `pmd` of std.dpdk-nfv) is on a CPU that the host does not have or keeps for itself,
    on CPU 0, or on one of a guest.
    Why: A poll thread never sleeps: whatever shares its CPU gets half of it at best, and a vCPU of a real-time class stops the switch
    (Open vSwitch Documentation/topics/dpdk/pmd.rst).
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; switch { cpus = 2-3 } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 3 }; emulator.pin = 1 }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; switch { cpus = 2-3 } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 4 }; emulator.pin = 1 }
    """
    polling, there = poll_cpus(host), host_cpus(host)
    kept = host.spec.reserve.cpus if host.spec.reserve is not None and host.spec.reserve.cpus is not None else CpuSet()
    here: Path = ("switch", "cpus")
    asking = tuple(
        (vm, ("host", "switch", "cpus"), f"{vm.name} asks for it")
        for vm in vms
        if vm.spec.host is not None and vm.spec.host.switch is not None and vm.spec.host.switch.cpus
    )[:3]
    if there and polling - there:
        yield Finding(here, f"the switch polls on CPU {polling - there}, and {host.name} has {there}", others=asking, of=host)
    elif polling & kept:
        yield Finding(
            here,
            f"the switch polls on CPU {polling & kept}, which {host.name} keeps for itself",
            labels=((("reserve", "cpus"), "reserved here"),),
            others=asking,
            of=host,
        )
    elif 0 in polling:
        yield Finding(here, f"the switch polls on CPU 0, which {host.name} cannot do without", others=asking, of=host)
    polling -= kept
    for vm in vms:
        path, cpus = next(((path, cpus & polling) for path, cpus in _where(vm.spec) if cpus & polling), ((), CpuSet()))
        if cpus:
            yield Finding(
                path,
                f"the switch of {host.name} polls on CPU {cpus}, and {vm.name} runs there too",
                others=((host, here, "its poll threads"),),
                of=vm,
            )


def _where(vm: Domain) -> Iterator[tuple[Path, CpuSet]]:
    yield from ((("vcpu", str(number), "pin"), cpus) for number, cpus in sorted(pins(vm).items()))
    if vm.emulator is not None and vm.emulator.pin is not None:
        yield ("emulator", "pin"), vm.emulator.pin
    yield from ((("iothread", thread.label, "pin"), thread.pin) for thread in vm.iothread if thread.pin is not None)
    if vm.cpu is not None and vm.cpu.cpuset is not None and not pins(vm):
        yield ("cpu", "cpuset"), vm.cpu.cpuset
