"""CPUs and nodes that guests name on their host."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path
from vmspec.base.source import Span
from vmspec.check.queries.cpus import max_vcpus, pins
from vmspec.check.queries.hosts import host_cpus, is_dedicated, is_derived, isolated, nodes, pinned_cpus, poll_cpus, second_threads, smt_off
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet, Size, show_quantity


@rule(5001, "pin-beyond-host", phase=Phase.START, needs="vcpu cpu emulator iothread")
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
            yield Finding(path, f"{vm.name} is pinned to CPU {beyond}, and {host.name} has {there}", others=_cpus(host), of=vm)


def _cpus(host: HostObject) -> tuple[tuple[HostObject, Path, str], ...]:
    """Where the host says which CPUs it has, node by node."""
    return tuple((host, ("numa", node.label, "cpus"), f"its node {node.label}") for node in host.spec.numa)


@rule(5002, "nodeset-beyond-host", phase=Phase.START, needs="numa memory_device")
def nodeset_beyond_host(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A nodeset names a NUMA node that the host does not have.
    Why: libvirt accepts it at define and fails to start, even in mode preferred ("NUMA node N is unavailable", virNumaNodesetIsAvailable,
    src/util/virnuma.c 9.0.0).
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; numa { mode = strict; nodeset = 1 } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; numa { mode = strict; nodeset = 0 } }
    """
    there = CpuSet.of(nodes(host))
    if not there:
        return
    for vm in vms:
        for path, wanted in _wanted(vm):
            beyond = wanted - there if wanted is not None else None
            if beyond:
                yield Finding(
                    path,
                    f"{vm.name} wants memory of node {beyond}, and {host.name} has {there}",
                    others=_cpus(host),
                    of=vm,
                )


def _wanted(vm: Vm) -> Iterator[tuple[Path, CpuSet | None]]:
    numa = vm.spec.numa
    if numa is not None:
        yield ("numa", "nodeset"), numa.nodeset
        yield from ((("numa", "cell", c.label, "nodeset"), c.nodeset) for c in numa.cell)
    yield from ((("memory-device", m.label, "nodemask"), m.nodemask) for m in vm.spec.memory_device)


@rule(5008, "float-on-isolated", phase=Phase.FLEET, needs="vcpu cpu")
def float_on_isolated(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A vCPU may run on several CPUs that are all isolated (`isolcpus`).
    Why: The scheduler does not balance isolated CPUs: all threads stay on the CPU where they began (observed on Linux 6.1: two busy tasks
    with mask 2-3 both stayed on 2).
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; kernel.args { isolcpus = 4-7 } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 2; cpuset = 4-5 } }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; kernel.args { isolcpus = 4-7 } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 2; pin = 4-5 }; emulator.pin = 1 }
    """
    alone = isolated(host)
    if not alone:
        return
    for vm in vms:
        spec = vm.spec
        where = pins(spec)
        floating: list[tuple[Path, CpuSet]] = [(("vcpu", str(i)), cpus) for i, cpus in sorted(where.items())]
        if spec.cpu is not None and spec.cpu.cpuset is not None and len(where) < max_vcpus(spec):
            floating.append((("cpu", "cpuset"), spec.cpu.cpuset))
        for path, cpus in floating:
            if len(cpus) > 1 and not cpus - alone:
                yield Finding(
                    path,
                    f"{vm.name} floats over CPU {cpus}, all isolated on {host.name}: its threads stay on one",
                    others=((host, ("kernel", "args", "isolcpus"), "isolated here"),),
                    help="pin each vCPU to one CPU",
                    of=vm,
                )


@rule(5009, "vcpus-exceed-host", phase=Phase.RUNTIME, severity=Severity.WARNING, needs="cpu")
def vcpus_exceed_host(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A VM has more vCPUs than the host has CPUs.
    Why: Two vCPUs of one guest then share a CPU, and a lock held by the one waits for the other.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 8 }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 4 }
    """
    there = len(host_cpus(host))
    for vm in vms:
        if there and max_vcpus(vm.spec) > there:
            yield Finding(
                ("cpu", "count"),
                f"{vm.name} has {max_vcpus(vm.spec)} vCPUs, and {host.name} has {there} CPUs",
                others=_cpus(host),
                of=vm,
            )


@rule(5020, "isolcpus-wrong", phase=Phase.FLEET, needs="kernel")
def isolcpus_wrong(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: `kernel.args.isolcpus` names CPU 0 or a CPU that the host does not have, or is empty.
    Why: The kernel skips what it does not understand without a word (Linux Documentation/admin-guide/kernel-parameters.txt, isolcpus), and
    CPU 0 keeps the house.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; kernel.args { isolcpus = 2-5 } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; kernel.args { isolcpus = 2-3 } }
    """
    kernel = host.spec.kernel
    if kernel is None or "isolcpus" not in kernel.args:
        return
    here: Path = ("kernel", "args", "isolcpus")
    alone, there = isolated(host), host_cpus(host)
    if not alone:
        yield Finding(here, f"isolcpus of {host.name} names no CPU", of=host)
        return
    if is_derived(host, here):  # of a guest's own pins 5001 and 5007 speak
        alone -= CpuSet().union(cpus for vm in vms for cpus in pins(vm.spec).values()) | poll_cpus(host)
    if 0 in alone:
        yield Finding(here, f"CPU 0 of {host.name} cannot be isolated", of=host)
    elif there and alone - there:
        yield Finding(here, f"{host.name} has no CPU {alone - there}: it has {there}", others=_cpus(host), of=host)


@rule(5021, "reserve-wrong", phase=Phase.FLEET, needs="reserve")
def reserve_wrong(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: `reserve.cpus` names a CPU that the host does not have, or one that is isolated, or `reserve.memory` is all that the host has.
    Why: Nothing could run there; the house would be kept nowhere.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; reserve { cpus = 0-1 }; kernel.args { isolcpus = 1-3 } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; reserve { cpus = 0-1 }; kernel.args { isolcpus = 2-3 } }
    """
    memory = host.spec.reserve.memory if host.spec.reserve is not None else None
    sizes = [node.memory for node in host.spec.numa]
    have = sum(size for size in sizes if size is not None)
    if memory is not None and sizes and None not in sizes and memory >= have:
        message = f"{host.name} keeps {show_quantity(memory)} for itself, and has {show_quantity(Size(have))}"
        its = tuple((("numa", node.label, "memory"), "its memory") for node in host.spec.numa)
        yield Finding(("reserve", "memory"), message, labels=its, of=host)
    kept = host.spec.reserve.cpus if host.spec.reserve is not None else None
    if not kept:
        return
    there, alone = host_cpus(host), isolated(host)
    if there and kept - there:
        yield Finding(("reserve", "cpus"), f"{host.name} has no CPU {kept - there}: it has {there}", of=host)
    elif kept & alone - poll_cpus(host):
        yield Finding(
            ("reserve", "cpus"),
            f"CPU {kept & alone} of {host.name} is for housekeeping and isolated",
            others=((host, ("kernel", "args", "isolcpus"), "isolated here"),),
            of=host,
        )


@rule(5024, "pin-on-second-thread", phase=Phase.START, needs="smt kernel")
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


@rule(5043, "pins-shared", phase=Phase.FLEET, severity=Severity.WARNING, needs="vcpu cpu")
def pins_shared(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: Two guests have a vCPU each that is pinned to the same single CPU, and none of them counts on having it alone.
    Why: Both wait for that CPU while others may be idle: pins one to a CPU are for guests that have it to themselves, a set of CPUs
    (`cpu.cpuset`) for guests that share. libvirt never compares guests.
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 2; pin = 2-3 }; emulator.pin = 0 }
        vm b { place = host(n1); memory.size = 1GiB; cpu { count = 2; pin = 3-4 }; emulator.pin = 0 }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 2; pin = 2-3 }; emulator.pin = 0 }
        vm b { place = host(n1); memory.size = 1GiB; cpu { count = 2; pin = 4-5 }; emulator.pin = 0 }
    """
    owners: dict[int, Vm] = {}
    for vm in vms:
        own = CpuSet() if is_dedicated(vm.spec) else pinned_cpus(vm.spec)
        shared = [cpu for cpu in own if cpu in owners]
        if shared:
            other = owners[shared[0]]
            both = CpuSet.of(cpu for cpu in shared if owners[cpu] is other)
            yield Finding(
                _pin(vm, both),
                f"{vm.name} and {other.name} are both pinned to CPU {both} of {host.name}",
                others=((other, _pin(other, both), "the other one"),),
                help="pin them to different CPUs, or let both float: cpu.cpuset",
                of=vm,
            )
        owners.update((cpu, vm) for cpu in own if cpu not in owners)


def _pin(vm: Vm, cpus: CpuSet) -> Path:
    return ("vcpu", str(next(n for n, where in sorted(pins(vm.spec).items()) if where & cpus)), "pin")


@rule(5031, "cpus-overcommitted", phase=Phase.FLEET, needs="overcommit.cpu")
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
