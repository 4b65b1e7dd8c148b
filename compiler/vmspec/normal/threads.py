"""vCPUs, I/O threads and the emulator: how many there are, their pins and schedulers."""

from __future__ import annotations

from typing import Any

from vmspec.model.cpu import Cpu
from vmspec.model.domain import Domain
from vmspec.model.threads import IoThread, Vcpu
from vmspec.model.value import CpuSet, Symbol
from vmspec.normal.edit import filled, labelled, made, without
from vmspec.normal.target import Target


def vcpus(vm: Domain, target: Target) -> Domain:
    """One vCPU at least; placement static, and `auto` forgets a cpuset; a number at boot that is the maximum is not written
    (virDomainVcpuParse and virDomainCpuDefFormat, src/conf/domain_conf.c 9.0.0)."""
    cpu = vm.cpu or Cpu()
    top = cpu.max if cpu.max is not None else cpu.count if cpu.count is not None else 1
    cpu = filled(cpu, placement=Symbol("static"))
    if cpu.placement == "auto":
        cpu = without(cpu, "cpuset")
    online = cpu.count if cpu.count is not None else top
    vm = _individual(vm, top)
    states = [v.online for v in vm.vcpu if v.online is not None]
    online = sum(states) if states else online
    cpu = without(cpu.but(count=online), "max")
    return vm.but(cpu=cpu.but(max=top) if online != top else cpu)


def _individual(vm: Domain, top: int) -> Domain:
    """A vCPU that is there at boot cannot be taken away unless that is said (virDomainVcpuDefPostParse, src/conf/domain_postparse.c 9.0.0);
    once one is described, all are (virDomainCpuDefFormat)."""
    if not any(v.online is not None for v in vm.vcpu):
        return vm
    known = {v.label: v for v in vm.vcpu}
    whole = []
    for number in range(top):
        vcpu = filled(known.get(str(number), labelled(Vcpu, str(number))), online=False)
        whole.append(filled(vcpu, hotpluggable=not vcpu.online))
    rest = tuple(v for v in vm.vcpu if not v.label.isdigit() or int(v.label) >= top)
    return vm.but(vcpu=(*whole, *rest))


def pins(vm: Domain, target: Target) -> Domain:
    """Pins in the order of the threads, without those of vCPUs that the guest cannot have (virDomainVcpuPinDefParseXML);
    schedulers one by one (virDomainSchedulerFormat, src/conf/domain_conf.c 9.0.0)."""
    top = vm.cpu.max or vm.cpu.count or 1 if vm.cpu is not None else 1
    own = {v.label: v for v in vm.vcpu}
    for schedule in vm.vcpu_schedule:
        for number in schedule.vcpus if schedule.vcpus is not None else CpuSet.span(0, top - 1):
            own[str(number)] = _scheduled(own.get(str(number), labelled(Vcpu, str(number))), schedule)
    kept = [v for v in own.values() if v.label.isdigit() and int(v.label) < top]
    return vm.but(vcpu=tuple(sorted((_prioritised(v) for v in kept), key=lambda v: int(v.label))), vcpu_schedule=())


def iothreads(vm: Domain, target: Target) -> Domain:
    """Threads that are described and those that fill up the number; all are listed if one was described
    (virDomainDefParseIOThreads, virDomainDefIOThreadsFormat, src/conf/domain_conf.c 9.0.0)."""
    own = {t.label: t for t in vm.iothread}
    declared = [t.label for t in vm.iothread if t.declared]
    wanted = max(vm.iothreads or 0, len(declared))
    if not wanted:
        return without(vm, "iothreads")
    filler = (str(n) for n in range(1, 65536) if str(n) not in declared)
    order = [*declared, *(next(filler) for _ in range(wanted - len(declared)))]
    for schedule in vm.iothread_schedule:
        for number in schedule.iothreads if schedule.iothreads is not None else [int(label) for label in order]:
            own[str(number)] = _scheduled(own.get(str(number), labelled(IoThread, str(number))), schedule)
    threads = [_prioritised(own.get(label, labelled(IoThread, label))) for label in order]
    listed = bool(declared)
    threads = [t.but(declared=True) if listed else without(t, "declared") for t in threads]
    return vm.but(iothreads=wanted, iothread=tuple(threads), iothread_schedule=())


def emulator(vm: Domain, target: Target) -> Domain:
    """No priority where the scheduler has none (virDomainSchedulerFormat)."""
    return vm if vm.emulator is None else vm.but(emulator=_prioritised(vm.emulator))


def limits(vm: Domain, target: Target) -> Domain:
    """A period or quota of zero is none (virDomainCputuneDefFormat, src/conf/domain_conf.c 9.0.0)."""
    names = ("period", "quota", "global_period", "global_quota")
    cpu = made(vm.cpu, Cpu)
    changes: dict[str, Any] = {"cpu": without(cpu, *(n for n in names if getattr(cpu, n) == 0))}
    for part in ("emulator", "iothread_limit"):
        block = getattr(vm, part)
        if block is not None:
            changes[part] = without(block, *(n for n in names[:2] if getattr(block, n) == 0))
    return vm.but(**changes)


def _scheduled(thread: Any, schedule: Any) -> Any:
    return thread.but(scheduler=schedule.scheduler, priority=schedule.priority)


def _prioritised(thread: Any) -> Any:
    return without(thread, "priority") if thread.scheduler not in ("fifo", "rr") else thread
