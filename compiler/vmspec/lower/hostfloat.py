"""Floating guests of a host are kept off the CPUs that it isolates for others: a cpuset of what is left, unless they say one themselves.

libvirt lets QEMU's threads run on all CPUs of the host where a domain says nothing (qemuProcessInitCpuAffinity, src/qemu/qemu_process.c
9.0.0), and a thread that has once run on an isolated CPU stays there, for nobody balances it.
"""

from __future__ import annotations

from vmspec.base.provenance import Path, Step, StepKind, ValueAddress
from vmspec.base.record import replace
from vmspec.lower.fleet import Fleet, HostObject, Object, Vm
from vmspec.model.cpu import Cpu
from vmspec.model.value import CpuSet

ISOLCPUS: Path = ("kernel", "args", "isolcpus")
CPUSET: Path = ("cpu", "cpuset")


def keep_off(fleet: Fleet) -> Fleet:
    """The fleet, its floating guests with the CPUs that no guest has for itself."""
    free = {host.name: (host, cpus) for host in fleet.hosts if (cpus := _free(host))}
    if not free:
        return fleet
    return replace(fleet, vms=tuple(_bound(vm, *free[vm.host]) if vm.host in free and _floats(vm) else vm for vm in fleet.vms))


def _free(host: HostObject) -> CpuSet:
    """Its CPUs without the isolated ones; empty where none are isolated for guests."""
    args = host.spec.kernel.args if host.spec.kernel is not None else {}
    value = args.get("isolcpus")
    alone = CpuSet().union(part for part in (value if isinstance(value, tuple) else (value,)) if isinstance(part, CpuSet))
    there = CpuSet().union(node.cpus for node in host.spec.numa if node.cpus is not None)
    return there - alone if alone & there else CpuSet()


def _floats(vm: Vm) -> bool:
    cpu = vm.spec.cpu
    free = cpu is None or (cpu.cpuset is None and cpu.pin is None and cpu.placement != "auto")
    return vm.resolve and free and not any(vcpu.pin is not None for vcpu in vm.spec.vcpu)


def _bound(vm: Vm, host: HostObject, cpus: CpuSet) -> Vm:
    step = Step(
        StepKind.DERIVED,
        f"host {host.name}",
        host.where(ISOLCPUS),
        (ValueAddress(host.name, ISOLCPUS),),
        why="kept off the CPUs that other guests have for themselves",
        strength="weak",
    )
    spec = vm.spec.but(cpu=(vm.spec.cpu or Cpu()).but(cpuset=cpus))
    return Object(vm.kind, vm.name, spec, vm.span, {**vm.trails, CPUSET: (step,)}, vm.blocks, vm.resolve, vm.host, vm.profiles)
