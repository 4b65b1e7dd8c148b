"""Threads of a guest's core on different cores of the host."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.cpus import max_vcpus, pins
from vmspec.check.queries.hosts import severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.cores import by_cores, core_of, threads
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.value import CpuSet


@rule(5017, "guest-siblings-apart", phase=Phase.FLEET)
def guest_siblings_apart(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: vCPUs that are threads of one core for the guest are pinned to CPUs of different cores of the host. An error where the guest
    counts on its CPUs being its own (`cpu.isolate`, which low-latency sets), a warning elsewhere.
    Why: The guest's scheduler spreads or packs by cores that do not exist, and what it isolates by core (core scheduling, mitigations) is
    not isolated. vCPU N is thread N mod threads of its core (x86_topo_ids_from_idx, include/hw/i386/topology.h of QEMU 7.2); libvirt
    looks at neither.
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; siblings = ["0,4", "1,5", "2,6", "3,7"] }
        vm a {
          place = host(n1)
          memory.size = 1GiB
          cpu { count = 2; mode = host-passthrough; pin = 2-3; topology { sockets = 1; cores = 1; threads = 2 } }
          emulator.pin = 0
        }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; siblings = ["0,4", "1,5", "2,6", "3,7"] }
        vm a {
          place = host(n1)
          memory.size = 1GiB
          cpu { count = 2; mode = host-passthrough; pin = 2,6; topology { sockets = 1; cores = 1; threads = 2 } }
          emulator.pin = 0
        }
    """
    groups = host.spec.siblings
    if not groups:
        return
    for vm in vms:
        size, where = threads(vm.spec.cpu), pins(vm.spec)
        for first in range(0, max_vcpus(vm.spec), size) if size > 1 and where else ():
            members = [n for n in range(first, first + size) if where.get(n)]
            together = CpuSet.of(cpu for n in members for cpu in where[n])
            if together - core_of(next(iter(together), 0), groups):
                yield Finding(
                    ("vcpu", str(members[-1]), "pin"),
                    f"vCPUs {', '.join(map(str, members))} of {vm.name} are one core for the guest, "
                    f"and CPUs {together} of {host.name} are not",
                    labels=((("cpu", "topology", "threads"), f"{size} threads in a core"),),
                    help=_instead(vm, size, groups),
                    severity=severity(vm.spec),
                    of=vm,
                )
                break


def _instead(vm: Vm, size: int, groups: tuple[CpuSet, ...]) -> str:
    """The pins that would do, made of the same CPUs or of their siblings."""
    where = pins(vm.spec)
    cpus = CpuSet.of(cpu for one in where.values() for cpu in one)
    most = max_vcpus(vm.spec)
    whole = CpuSet()
    for cpu in cpus:
        if len(whole) < most:
            whole |= core_of(cpu, groups)
    for some in (cpus, whole):
        dealt = by_cores(some, range(most), size, groups, {}, {}) if len(some) == most else None
        if dealt is not None:
            return f"write cpu.pin = {some}, which is dealt out core by core"
    return "pin sibling vCPUs to sibling CPUs, or set topology.threads = 1"
