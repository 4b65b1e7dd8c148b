"""Kernel arguments of the host against its CPUs, its memory and what its guests count on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path
from vmspec.check.queries.cpus import pins
from vmspec.check.queries.hosts import argument_cpus, host_cpus, is_dedicated, is_derived, isolated, nodes, poll_cpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.lower.hostpool import pool
from vmspec.model.value import CpuSet, Repeated, Size, Value, exact, show_quantity

FLAGS = ("nohz", "domain", "managed_irq")
"""Of isolcpus (Linux Documentation/admin-guide/kernel-parameters.txt, 6.1 to 7.0)."""
PER_CPU = ("nohz_full", "rcu_nocbs", "irqaffinity")
ISOLATING = ("isolcpus", "nohz_full", "rcu_nocbs")


def _argument(host: HostObject, name: str) -> Value | None:
    return host.spec.kernel.args.get(name) if host.spec.kernel is not None else None


def _at(name: str) -> Path:
    return ("kernel", "args", name)


@rule(5033, "argument-cpus-wrong", phase=Phase.FLEET, needs="kernel")
def argument_cpus_wrong(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: `nohz_full`, `rcu_nocbs` or `irqaffinity` names a CPU that the host does not have, `nohz_full` names CPU 0, `irqaffinity` CPUs
    that are isolated, or `isolcpus` a flag that the kernel does not know; isolcpus or nohz_full stands there several times; or
    `hugepages` names a node that the host does not have.
    Why: The kernel takes what it understands and says nothing: the boot CPU is dropped from nohz_full, an unknown flag of isolcpus is
    skipped with the rest of its meaning (observed on Linux 6.1), and interrupts go where no interrupt should.
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; kernel.args { nohz_full = 0-3 } }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; kernel.args { nohz_full = 2-3 } }
    """
    there, alone = host_cpus(host), isolated(host)
    its = tuple((("numa", node.label, "cpus"), "its CPUs") for node in host.spec.numa)
    # of a guest's own pins 5001 and 5007 speak, of the switch 5045
    told = CpuSet().union(cpus for vm in vms for cpus in pins(vm.spec).values()) | poll_cpus(host)
    for name in PER_CPU:
        named = argument_cpus(_argument(host, name)) - (told if is_derived(host, _at(name)) else CpuSet())
        beyond = named - there if there else CpuSet()
        if beyond:
            yield Finding(_at(name), f"{name} names CPU {beyond}, and {host.name} has {there}", labels=its)
        elif name == "nohz_full" and 0 in named:
            yield Finding(_at(name), f"CPU 0 of {host.name} keeps the time and cannot be in nohz_full", help="leave it out")
        elif name == "irqaffinity" and named and named & alone:
            yield Finding(
                _at(name),
                f"irqaffinity of {host.name} sends interrupts to CPU {named & alone}, which is isolated",
                labels=((_at("isolcpus"), "isolated here"),),
            )
    for name in ("isolcpus", "nohz_full"):
        if isinstance(several := _argument(host, name), Repeated) and len(several) > 1:
            yield Finding(_at(name), f"the kernel keeps the first {name} of {host.name}, and drops the others", help="write one set")
    for number in re.findall(r"(?:^|,)([0-9]+):", str(_argument(host, "hugepages") or "")) if nodes(host) else ():
        if int(number) not in nodes(host):
            yield Finding(_at("hugepages"), f"hugepages names node {number}, and {host.name} has {CpuSet.of(nodes(host))}", labels=its)
    value = _argument(host, "isolcpus")
    parts = value if isinstance(value, tuple) else str(value).split(",") if isinstance(value, str) else ()
    for part in parts:
        word = str(part)
        if not isinstance(part, CpuSet) and re.fullmatch(r"[A-Za-z_]+", word) and word not in FLAGS:
            yield Finding(_at("isolcpus"), f"isolcpus has no flag {word}: the kernel skips it", help=f"its flags are {', '.join(FLAGS)}")


@rule(5035, "no-cpu-for-the-house", phase=Phase.FLEET, severity=Severity.WARNING, needs="kernel")
def no_cpu_for_the_house(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: All CPUs of a host but the first are isolated or without a tick, and no `reserve.cpus` says that one is enough.
    Why: The host's services, all interrupts, QEMU's own threads and vhost run on what is left; when that one CPU is busy, every guest
    waits for it.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; kernel.args { isolcpus = 1-3 } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; kernel.args { isolcpus = 2-3 } }
    """
    there = host_cpus(host)
    taken = isolated(host) | argument_cpus(_argument(host, "nohz_full"))
    left = there - taken
    if taken and len(there) > 2 and len(left) < 2 and not (host.spec.reserve is not None and host.spec.reserve.cpus):
        name = next(name for name in ISOLATING if argument_cpus(_argument(host, name)))
        yield Finding(
            _at(name),
            f"{host.name} keeps CPU {left} for itself, of {len(there)}: everything but its guests' vCPUs runs there",
            help=f"leave it more, or say that it is meant: reserve.cpus = {left}",
        )


@rule(5036, "isolation-lacks-guest", phase=Phase.FLEET, needs="kernel")
def isolation_lacks_guest(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: The host says its own `isolcpus`, `nohz_full` or `rcu_nocbs`, and leaves out CPUs of a guest that asks for them.
    Why: The host's line is the one that is booted: the guest's vCPUs share their CPUs with whatever the scheduler puts there, and
    interrupts and the tick come as everywhere.
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; reserve { cpus = 0 }; kernel.args { isolcpus = 4-5 } }
        vm a extends std.low-latency {
          place = host(n1)
          cpu { count = 2; pin = 2-3 }
          memory.size = 2GiB
        }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; reserve { cpus = 0 } }
        vm a extends std.low-latency {
          place = host(n1)
          cpu { count = 2; pin = 2-3 }
          memory.size = 2GiB
        }
    """
    for vm in vms if not pool(host.spec) else ():  # of a pool 5052 speaks
        asked = vm.spec.host.kernel.args if vm.spec.host is not None and vm.spec.host.kernel is not None else {}
        for name in ISOLATING:
            value = _argument(host, name)
            given = argument_cpus(value)
            left = argument_cpus(asked.get(name)) - given
            if left and (given or not isinstance(value, str)):  # `all` names every CPU
                yield Finding(
                    _at(name),
                    f"{name} of {host.name} is {given}, and {vm.name} needs CPU {left} in it",
                    others=((vm, ("host", *_at(name)), f"{vm.name} asks for it"),),
                    help=f"leave it out of the host: it follows from the guests; or write {given | left}",
                    of=host,
                )


@rule(5040, "cpus-not-started", phase=Phase.START, needs="kernel")
def cpus_not_started(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: `maxcpus`, `nr_cpus` or `possible_cpus` keeps CPUs offline that a guest is pinned to, or that the host keeps for itself.
    Why: The kernel starts so many CPUs from the first on (Linux Documentation/admin-guide/kernel-parameters.txt); a pin to another one
    fails at start, as sched_setaffinity(2) refuses a mask without an online CPU.
    Example:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB }; kernel.args { maxcpus = 4 } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 6 }; emulator.pin = 0 }
    Instead:
        host n1 { numa 0 { cpus = 0-7; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 6 }; emulator.pin = 0 }
    """
    limits = {name: int(str(value)) for name in ("maxcpus", "nr_cpus", "possible_cpus") if str(value := _argument(host, name)).isdigit()}
    if not limits:
        return
    name = min(limits, key=lambda each: limits[each])
    off = host_cpus(host) - CpuSet.span(0, max(limits[name], 1) - 1)
    kept = host.spec.reserve.cpus if host.spec.reserve is not None else None
    if kept and kept & off:
        yield Finding(("reserve", "cpus"), f"CPU {kept & off} of {host.name} is not started", labels=((_at(name), "so many are"),), of=host)
    for vm in vms:
        for number, cpus in sorted(pins(vm.spec).items()):
            if cpus & off:
                yield Finding(
                    ("vcpu", str(number), "pin"),
                    f"{vm.name} is pinned to CPU {CpuSet().union(pins(vm.spec).values()) & off}, "
                    f"and {host.name} starts {limits[name]} CPUs",
                    others=((host, _at(name), "so many are started"),),
                    of=vm,
                )
                break


@rule(5041, "memory-cut", phase=Phase.FLEET, needs="kernel")
def memory_cut(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: `mem` on the kernel's command line is less than the memory of the host's nodes.
    Why: The kernel uses no memory above it (Linux Documentation/admin-guide/kernel-parameters.txt): huge pages and guests are counted
    against memory that is not there.
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 64GiB }; kernel.args { mem = 16GiB } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; kernel.args { mem = 16GiB } }
    """
    value = _argument(host, "mem")
    match = re.fullmatch(r"([0-9]+)([KMGT])", str(value))
    most = int(value) if isinstance(value, int) else int(exact(match[1], f"{match[2]}iB") or 0) if match else 0
    have = sum(node.memory or 0 for node in host.spec.numa)
    if most and have > most:
        first = next(iter(nodes(host)), 0)
        yield Finding(
            _at("mem"),
            f"mem = {show_quantity(Size(most))} leaves {host.name} less than the {show_quantity(Size(have))} of its nodes",
            labels=((("numa", str(first), "memory"), "its memory"),),
        )


@rule(5044, "no-house-near", phase=Phase.FLEET, severity=Severity.WARNING, needs="reserve")
def no_house_near(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A guest with CPUs of its own is on a node of the host that has no housekeeping CPU (`reserve.cpus`).
    Why: QEMU's own threads, its I/O threads and vhost then run on another node than the guest's memory, and every packet and block
    crosses the interconnect.
    Example:
        host n1 {
          numa 0 { cpus = 0-3; memory = 16GiB }
          numa 1 { cpus = 4-7; memory = 16GiB }
          reserve { cpus = 0-1 }
        }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 5; isolate = true }; emulator.pin = 0 }
    Instead:
        host n1 {
          numa 0 { cpus = 0-3; memory = 16GiB }
          numa 1 { cpus = 4-7; memory = 16GiB }
          reserve { cpus = 0,4 }
        }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 5; isolate = true }; emulator.pin = 4 }
    """
    kept = host.spec.reserve.cpus if host.spec.reserve is not None else None
    if not kept:
        return
    for number, node in nodes(host).items():
        own = node.cpus or CpuSet()
        here = [vm for vm in vms if is_dedicated(vm.spec) and CpuSet().union(pins(vm.spec).values()) & own]
        if own and here and not own & kept:
            yield Finding(
                ("reserve", "cpus"),
                f"node {number} of {host.name} has {here[0].name} and no housekeeping CPU: "
                f"its emulator and I/O threads run on another node",
                others=tuple((vm, ("vcpu", str(min(pins(vm.spec))), "pin"), "runs there") for vm in here[:5]),
                help=f"keep one of its CPUs too: reserve.cpus = {kept | CpuSet.of((next(iter(own)),))}",
                of=host,
            )
