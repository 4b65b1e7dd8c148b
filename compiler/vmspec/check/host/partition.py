"""Hosts whose CPUs are isolated as their guests start."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.cpus import max_vcpus, pins
from vmspec.check.queries.hosts import is_dedicated, pinned_cpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.lower.hostpool import pool
from vmspec.model.value import CpuSet

SINCE = (6, 7)
"""cpuset.cpus.exclusive, without which a partition has to stand below the root (Linux Documentation/admin-guide/cgroup-v2.rst)."""


@rule(5046, "partition-unsupported", phase=Phase.START, needs="isolation")
def partition_unsupported(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: `isolation = partition` on a host whose kernel is older than 6.7.
    Why: A vCPU's group can be a partition only by cpuset.cpus.exclusive; an older kernel says "isolated invalid (Parent is not a partition
    root)" and isolates nothing (observed on Linux 6.1).
    Example:
        host n1 { kernel-version = "6.1.0"; isolation = partition; tickless = 2-3; numa 0 { cpus = 0-3; memory = 16GiB } }
    Instead:
        host n1 { kernel-version = "6.12.0"; isolation = partition; tickless = 2-3; numa 0 { cpus = 0-3; memory = 16GiB } }
    """
    match = re.match(r"([0-9]+)\.([0-9]+)", host.spec.kernel_version or "")
    if host.spec.isolation == "partition" and match and (int(match[1]), int(match[2])) < SINCE:
        yield Finding(
            ("isolation",),
            f"{host.name} has Linux {host.spec.kernel_version}, and partitions need 6.7",
            labels=((("kernel-version",), "its kernel"),),
            help="leave it out: the CPUs are then isolated by kernel arguments, from boot on",
        )


@rule(5052, "pin-outside-pool", phase=Phase.FLEET, needs="isolation tickless")
def pin_outside_pool(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A guest that counts on having its CPUs alone is pinned to one outside of the host's pool (`tickless`); one of its vCPUs is not
    pinned to one CPU; or there is a pool and no `isolation = partition`.
    Why: What the pool has, no tick, no callbacks and no managed interrupts, is decided at boot; a guest beyond it would wait for one.
    A vCPU that floats over a CPU of another one keeps it from being a partition ("Cpu list in cpuset.cpus not exclusive",
    observed on Linux 6.12).
    Example:
        host n1 { isolation = partition; tickless = 2-3; numa 0 { cpus = 0-7; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 4; isolate = true }; emulator.pin = 0 }
    Instead:
        host n1 { isolation = partition; tickless = 2-5; numa 0 { cpus = 0-7; memory = 16GiB } }
        vm a { place = host(n1); memory.size = 1GiB; cpu { count = 1; pin = 4; isolate = true }; emulator.pin = 0 }
    """
    if host.spec.tickless and host.spec.isolation != "partition":
        yield Finding(("tickless",), f"{host.name} has a pool, and isolates by kernel arguments", help="set isolation = partition")
        return
    cpus = pool(host.spec)
    here: Path = ("tickless",)
    for vm in vms if cpus else ():
        loose = [n for n in range(max_vcpus(vm.spec)) if len(pins(vm.spec).get(n, ())) != 1] if is_dedicated(vm.spec) else []
        if loose and pinned_cpus(vm.spec) & cpus:
            yield Finding(
                ("cpu", "count"),
                f"vCPU {CpuSet.of(loose)} of {vm.name} floats, and others have CPUs of the pool of {host.name} for themselves",
                others=((host, here, "its pool"),),
                help="pin every vCPU to one CPU",
                of=vm,
            )
            continue
        beyond = pinned_cpus(vm.spec) - cpus if is_dedicated(vm.spec) else CpuSet()
        if beyond:
            number = next(n for n, where in sorted(pins(vm.spec).items()) if where & beyond)
            yield Finding(
                ("vcpu", str(number), "pin"),
                f"{vm.name} is dedicated to CPU {beyond}, which is not in the pool of {host.name}: {cpus}",
                others=((host, here, "its pool"),),
                help="pin it inside the pool, or enlarge the pool: that needs a restart of the host",
                of=vm,
            )
