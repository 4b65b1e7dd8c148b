"""Dedicated CPUs, and the threads of their cores."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path
from vmspec.check.queries.cpus import max_vcpus, pins
from vmspec.check.queries.hosts import host_cpus, is_dedicated, is_strict, isolated, pinned_cpus, severity, smt_off
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.cores import by_cores, core_of, threads
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet

ZERO = CpuSet.of((0,))


@rule(5005, "dedicated-shared", phase=Phase.FLEET, needs="vcpu cpu")
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
                    others=((owner, _place(owner, CpuSet.of(clash[:1])), "dedicated here"),),
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
        yield ("vcpu", str(min(vcpus)), "pin"), "is pinned to", CpuSet().union(vcpus.values())
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
        others=((owner, _place(owner, CpuSet.of((next(iter(open_)),))), "dedicated here"),),
        help=f"keep it off: cpu.cpuset = {rest}, or isolate CPU {open_} on the host" if rest else f"isolate CPU {open_} on the host",
        severity=Severity.WARNING,
        of=vm,
    )


@rule(5006, "dedicated-housekeeping", phase=Phase.FLEET, needs="vcpu cpu")
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
                    _place(vm, wrong),
                    f"{vm.name} is dedicated to CPU {wrong}, which {host.name} keeps for itself",
                    others=((host, ("reserve", "cpus"), "reserved here"),),
                    of=vm,
                )


@rule(5007, "dedicated-cpu-zero", phase=Phase.FLEET, needs="vcpu cpu")
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
            yield Finding(_place(vm, ZERO), f"{vm.name} is dedicated to CPU 0, which {host.name} cannot do without", of=vm)


@rule(5017, "guest-siblings-apart", phase=Phase.FLEET, needs="cpu.topology")
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
          place = host(n1); memory.size = 1GiB
          cpu { count = 2; mode = host-passthrough; pin = 2-3; topology { sockets = 1; cores = 1; threads = 2 } }
          emulator.pin = 0
        }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; siblings = ["0,4", "1,5", "2,6", "3,7"] }
        vm a {
          place = host(n1); memory.size = 1GiB
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


@rule(5018, "dedicated-core-shared", phase=Phase.FLEET, needs="vcpu cpu")
def dedicated_core_shared(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: Two guests whose vCPUs are pinned one to a CPU have different threads of the same core. An error where one of them counts on its
    CPUs being its own (`cpu.isolate`, which low-latency sets), a warning elsewhere.
    Why: Threads of a core share its execution units and first-level caches: each is as slow as the other is busy, and can watch it by
    timing (Linux Documentation/admin-guide/hw-vuln/core-scheduling.rst). libvirt never compares guests.
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; siblings = ["0,4", "1,5", "2,6", "3,7"] }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 2 }; emulator.pin = 0 }
        vm b { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 6 }; emulator.pin = 0 }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; siblings = ["0,4", "1,5", "2,6", "3,7"] }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 2 }; emulator.pin = 0 }
        vm b { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 3 }; emulator.pin = 0 }
    """
    groups = host.spec.siblings
    if not groups or smt_off(host):
        return
    owners: dict[int, Vm] = {}
    for vm in vms:
        own = pinned_cpus(vm.spec)
        shared = [(cpu, other) for cpu in own for other in core_of(cpu, groups) if other not in own and other in owners]
        if shared:
            neighbour = owners[shared[0][1]]
            mine = CpuSet.of(cpu for cpu, other in shared if owners[other] is neighbour)
            theirs = CpuSet.of(other for _, other in shared if owners[other] is neighbour)
            yield Finding(
                _place(vm, mine),
                f"CPU {mine} of {vm.name} and CPU {theirs} of {neighbour.name} are threads of one core of {host.name}",
                others=((neighbour, _place(neighbour, theirs), "its neighbour"),),
                help="give each guest whole cores",
                severity=severity(*(each.spec for each in (vm, neighbour) if is_dedicated(each.spec))),
                of=vm,
            )
        owners.update((cpu, vm) for cpu in own if cpu not in owners)


def _place(vm: Vm, cpus: CpuSet) -> tuple[str, ...]:
    number = next(n for n, where in sorted(pins(vm.spec).items()) if where & cpus)
    return ("vcpu", str(number), "pin")


@rule(5019, "sibling-in-use", phase=Phase.FLEET, severity=Severity.WARNING, needs="vcpu cpu")
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


@rule(5025, "thread-policy", phase=Phase.FLEET, needs="cpu.thread_policy")
def thread_policy(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: `cpu.thread-policy = isolate`, and a second thread of a core that the guest is pinned to is pinned too, by it or by another guest;
    or `require`, and the guest is pinned to a part of a core.
    Why: That is what the policy says: isolate leaves the siblings idle, require takes whole cores (OpenStack Nova's
    hw:cpu_thread_policy). libvirt knows neither.
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; siblings = ["0,4", "1,5", "2,6", "3,7"] }
        vm a {
          place = host(n1); memory.size = 1GiB
          cpu { count = 2; pin = [2, 6]; thread-policy = isolate; topology { sockets = 1; cores = 1; threads = 2 } }
          emulator.pin = 0
        }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; siblings = ["0,4", "1,5", "2,6", "3,7"]; kernel.args { isolcpus = [domain, 6-7] } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 2; pin = [2, 3]; thread-policy = isolate }; emulator.pin = 0 }
    """
    groups = host.spec.siblings
    if not groups:
        return
    for vm in vms:
        policy = vm.spec.cpu.thread_policy if vm.spec.cpu is not None else None
        own = pinned_cpus(vm.spec)
        here = ("cpu", "thread-policy")
        touched = [core_of(cpu, groups) for cpu in own if cpu == next(iter(core_of(cpu, groups) & own))]
        if policy == "isolate":
            taken = CpuSet().union(pinned_cpus(each.spec) for each in vms)
            wrong = CpuSet.of(cpu for core in touched if len(core & taken) > 1 for cpu in core & taken)
            if wrong:
                yield Finding(here, f"thread-policy = isolate, and CPUs {wrong} of {host.name} are threads of cores of {vm.name}", of=vm)
        elif policy == "require" and not smt_off(host):
            left = CpuSet().union(core - own for core in touched)
            if left:
                message = f"thread-policy = require, and {vm.name} is pinned to parts of cores of {host.name}: CPU {left} is left out"
                yield Finding(here, message, of=vm)


@rule(5026, "siblings-hidden", phase=Phase.RUNTIME, severity=Severity.WARNING, needs="vcpu cpu")
def siblings_hidden(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: vCPUs are pinned one to a CPU, two of them to threads of one core, and the guest's topology has one thread in a core.
    Why: The guest takes them for cores and puts two busy tasks on one core while another is idle (docs/formatdomain.rst of libvirt 9.0.0,
    "topology").
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; siblings = ["0,4", "1,5", "2,6", "3,7"] }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 2; mode = host-passthrough; pin = 2,6 }; emulator.pin = 0 }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; siblings = ["0,4", "1,5", "2,6", "3,7"] }
        vm a {
          place = host(n1); memory.size = 1GiB
          cpu { count = 2; mode = host-passthrough; pin = 2,6; topology { sockets = 1; cores = 1; threads = 2 } }
          emulator.pin = 0
        }
    """
    groups = host.spec.siblings
    if not groups or smt_off(host):
        return
    for vm in vms:
        own = pinned_cpus(vm.spec)
        where = pins(vm.spec)
        whole = bool(own) and len(where) == max_vcpus(vm.spec) and all(len(cpus) == 1 for cpus in where.values())
        both = next((core_of(cpu, groups) & own for cpu in own if len(core_of(cpu, groups) & own) > 1), None)
        if whole and both and threads(vm.spec.cpu) == 1:
            yield Finding(
                ("cpu", "topology") if vm.spec.cpu is not None and vm.spec.cpu.topology is not None else ("cpu", "count"),
                f"CPUs {both} of {host.name} are threads of one core, and {vm.name} takes them for cores",
                help="set cpu.topology with threads = 2, or pin to one thread of each core",
                of=vm,
            )


@rule(5060, "governor-slows-dedicated", phase=Phase.RUNTIME, severity=Severity.WARNING, needs="governor")
def governor_slows_dedicated(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: The host's governor lets the frequency of its CPUs fall, and a VM has CPUs of its own (`cpu.isolate`).
    Why: A CPU that has slowed down takes tens of microseconds to milliseconds to be fast again (Linux 6.12
    Documentation/admin-guide/pm/cpufreq.rst). What the host says wins over what std.low-latency asks.
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; governor = powersave }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 4; isolate = true }; emulator.pin = 1 }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; governor = performance }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 4; isolate = true }; emulator.pin = 1 }
    """
    owner = next((vm for vm in vms if is_strict(vm.spec) and pinned_cpus(vm.spec)), None)
    if owner is None or host.spec.governor in (None, "performance"):
        return
    yield Finding(
        ("governor",),
        f"governor = {host.spec.governor} slows the CPUs of {host.name} down, and {owner.name} has some for itself",
        others=((owner, ("cpu", "isolate"), "dedicated here"),),
        help="set governor = performance, or leave it out: the guest's profile asks for it",
    )
