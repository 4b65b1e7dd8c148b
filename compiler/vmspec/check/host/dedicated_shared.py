"""A dedicated CPU that another guest uses."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path
from vmspec.check.queries.cpus import max_vcpus, pins
from vmspec.check.queries.hosts import host_cpus, is_dedicated, isolated, pinned_cpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet


@rule(5005, "dedicated-shared", phase=Phase.FLEET)
def dedicated_shared(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A CPU of a VM that counts on having it alone (isolate, a real-time scheduler, hint-dedicated) is used by another
    VM too: by a pin of a vCPU, of the emulator or of an iothread, or by `cpu.cpuset`. A warning where the other VM says nothing and floats
    over CPUs that the host does not isolate.
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
        for path, what, cpus in _where(vm.spec):
            clash = [cpu for cpu in cpus if owners.get(cpu, vm) is not vm]
            if clash:
                owner = owners[clash[0]]
                rest = cpus - CpuSet.of(owners)
                yield Finding(
                    path,
                    f"CPU {CpuSet.of(clash)} of {host.name} is {owner.name}'s alone, and {vm.name} {what} it too",
                    others=((owner, ("vcpu", str(min(pins(owner.spec)))), "dedicated here"),),
                    help=f"leave out what is dedicated: {rest}" if rest else None,
                    of=vm,
                )
                break
        if _is_free(vm.spec):
            yield from _floating(host, vm, owners)


def _where(vm: Domain) -> Iterator[tuple[Path, str, CpuSet]]:
    """All that says where threads of the guest run."""
    vcpus = pins(vm)
    if vcpus:
        yield ("vcpu", str(min(vcpus))), "is pinned to", CpuSet().union(vcpus.values())
    if vm.cpu is not None and vm.cpu.cpuset is not None and len(vcpus) < max_vcpus(vm):
        yield ("cpu", "cpuset"), "floats over", vm.cpu.cpuset
    if vm.emulator is not None and vm.emulator.pin is not None:
        yield ("emulator", "pin"), "runs its emulator on", vm.emulator.pin
    for thread in vm.iothread:
        if thread.pin is not None:
            yield ("iothread", thread.label, "pin"), f"runs iothread {thread.label} on", thread.pin


def _is_free(vm: Domain) -> bool:
    """Whether its vCPUs run wherever the host lets them; `placement = auto` leaves the choice to numad."""
    return not pins(vm) and (vm.cpu is None or (vm.cpu.cpuset is None and vm.cpu.placement != "auto"))


def _floating(host: HostObject, vm: Vm, owners: dict[int, Vm]) -> Iterator[Finding]:
    """A guest that says nothing may run everywhere; the scheduler moves nothing onto an isolated CPU by itself (isolcpus in Linux
    Documentation/admin-guide/kernel-parameters.txt)."""
    open_ = CpuSet.of(owners) - isolated(host)
    if not open_:
        return
    owner = owners[next(iter(open_))]
    rest = host_cpus(host) - CpuSet.of(owners) - isolated(host)
    yield Finding(
        ("cpu", "count"),
        f"{vm.name} floats over all CPUs of {host.name}, and CPU {open_} is {owner.name}'s alone",
        others=((owner, ("vcpu", str(min(pins(owner.spec)))), "dedicated here"),),
        help=f"keep it off: cpu.cpuset = {rest}, or isolate CPU {open_} on the host" if rest else f"isolate CPU {open_} on the host",
        severity=Severity.WARNING,
        of=vm,
    )
