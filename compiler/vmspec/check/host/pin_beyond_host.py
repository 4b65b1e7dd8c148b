"""A pin to a CPU that the host does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.base.source import Span
from vmspec.check.queries.hosts import host_cpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.value import CpuSet


@rule(5001, "pin-beyond-host", phase=Phase.START)
def pin_beyond_host(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A pin or cpuset names a CPU that the host does not have.
    Why: libvirt accepts it at define and fails to start: the kernel's sched_setaffinity(2) or cpuset refuses it (observed with libvirt
    9.0.0: pins to CPU 500 are accepted by define).
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; cpuset = 4-7 } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; cpuset = 1-3 } }
    """
    there = host_cpus(host)
    if not there:
        return
    for vm in vms:
        spec = vm.spec
        asked: list[tuple[Path, CpuSet | None]] = [(("vcpu", v.label, "pin"), v.pin) for v in spec.vcpu]
        asked += [(("iothread", t.label, "pin"), t.pin) for t in spec.iothread]
        asked += [(("emulator", "pin"), spec.emulator.pin if spec.emulator is not None else None)]
        asked += [(("cpu", "cpuset"), spec.cpu.cpuset if spec.cpu is not None else None)]
        told: dict[Span, tuple[Path, CpuSet]] = {}  # one setting, `cpu.pin = 2-5`, is that of several vCPUs
        for path, cpus in asked:
            beyond = cpus - there if cpus is not None else None
            if beyond:
                at = vm.where(path)
                first, before = told.get(at, (path, CpuSet()))
                told[at] = first, before | beyond
        for path, beyond in told.values():
            yield Finding(
                path,
                f"{vm.name} is pinned to CPU {beyond}, and {host.name} has {there}",
                others=((host, ("numa",), "its CPUs"),),
                of=vm,
            )
