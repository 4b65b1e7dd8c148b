"""Scheduler and priority of vCPUs."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.base.provenance import Path
from vmspec.check.queries.cpus import iothread_ids, max_vcpus, pins
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import Duration, show_quantity


@rule(4123, "priority-missing", phase=Phase.DEFINE, needs="vcpu iothread emulator vcpu_schedule iothread_schedule")
def priority_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: A thread with scheduler fifo or rr has no priority.
    Why: libvirt 9.0.0 refuses it at parse (virDomainSchedulerParseCommonAttrs, src/conf/domain_conf.c): the kernel has no usual one.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Missing required attribute 'priority' in element 'vcpusched'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; vcpu 0 { pin = 4; scheduler = fifo }; emulator { pin = 0 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; vcpu 0 { pin = 4; scheduler = fifo; priority = 1 }; emulator { pin = 0 } }
    """
    for path, scheduler, priority in _threads(vm):
        if scheduler in ("fifo", "rr") and priority is None:
            yield Finding((*path, "scheduler"), f"{' '.join(path)} has scheduler {scheduler} and no priority; it goes from 1 to 99")


@rule(4127, "schedule-of-none", phase=Phase.DEFINE, needs="vcpu_schedule iothread_schedule")
def schedule_of_none(vm: Domain) -> Iterator[Finding]:
    """
    What: A `vcpu-schedule` without `vcpus`, or an `iothread-schedule` without `iothreads`.
    Why: libvirt 9.0.0 refuses it at parse (virDomainSchedulerParse, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Missing attribute 'vcpus' in element 'vcpusched'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; vcpu-schedule all { scheduler = batch } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; vcpu-schedule all { vcpus = 0; scheduler = batch } }
    """
    for each in vm.vcpu_schedule:
        if each.vcpus is None:
            yield Finding(("vcpu-schedule", each.label), f"vcpu-schedule {each.label} says no vCPUs", help="set vcpus = 0-3")
    for threads in vm.iothread_schedule:
        if threads.iothreads is None:
            yield Finding(("iothread-schedule", threads.label), f"iothread-schedule {threads.label} says no I/O threads")


@rule(4126, "thread-bandwidth-range", phase=Phase.DEFINE, needs="emulator iothread_limit")
def thread_bandwidth_range(vm: Domain) -> Iterator[Finding]:
    """
    What: Of the emulator or the I/O threads, a period that is not from 1 ms to 1 s, or a quota below 1 ms.
    Why: libvirt 9.0.0 refuses others at define (virDomainDefCputuneValidate, src/conf/domain_validate.c; VIR_CGROUP_CPU_PERIOD_MIN and
    its neighbours, src/util/vircgroup.h), as it does of vCPUs (4111, 4112).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Value of cputune 'emulator_quota' must be in range
    [1000, 17592186044415].
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; emulator { period = 100ms; quota = 500us } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; emulator { period = 100ms; quota = 50ms } }
    """
    for name, limit in (("emulator", vm.emulator), ("iothread-limit", vm.iothread_limit)):
        if limit is None:
            continue
        if limit.period and not 1_000_000 <= limit.period <= 1_000_000_000:
            yield Finding((name, "period"), f"period {show_quantity(limit.period)} is not from 1ms to 1s", instead="100ms")
        if isinstance(limit.quota, Duration) and 0 < limit.quota < 1_000_000:
            yield Finding((name, "quota"), f"quota {show_quantity(limit.quota)} is below 1ms", instead="1ms")


@rule(4162, "priority-range", phase=Phase.START, needs="vcpu iothread emulator vcpu_schedule iothread_schedule")
def priority_range(vm: Domain) -> Iterator[Finding]:
    """
    What: A thread with scheduler fifo or rr has a priority outside 1–99.
    Why: The kernel refuses it and the start fails (sched_setscheduler(2)); libvirt 9.0.0 does not look at its range.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          vcpu 0 { pin = 4 }
          vcpu 1 { pin = 5; scheduler = fifo; priority = 100 }
          emulator { pin = 0 }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          vcpu 0 { pin = 4 }
          vcpu 1 { pin = 5; scheduler = fifo; priority = 1 }
          emulator { pin = 0 }
        }
    """
    for path, scheduler, priority in _threads(vm):
        if scheduler in ("fifo", "rr") and priority is not None and not 1 <= priority <= 99:
            said = f"{' '.join(path)} has scheduler {scheduler} and priority {priority}; it goes from 1 to 99"
            yield Finding((*path, "priority"), said)


def _threads(vm: Domain) -> Iterator[tuple[Path, str | None, int | None]]:
    """Of each thread that says a scheduler: its path, the scheduler and its priority."""
    yield from ((("vcpu", v.label), v.scheduler, v.priority) for v in vm.vcpu if v.scheduler)
    yield from ((("iothread", t.label), t.scheduler, t.priority) for t in vm.iothread if t.scheduler)
    yield from ((("vcpu-schedule", s.label), s.scheduler, s.priority) for s in vm.vcpu_schedule if s.scheduler)
    yield from ((("iothread-schedule", s.label), s.scheduler, s.priority) for s in vm.iothread_schedule if s.scheduler)
    if vm.emulator is not None and vm.emulator.scheduler:
        yield ("emulator",), vm.emulator.scheduler, vm.emulator.priority


@rule(4100, "priority-above-interrupts", phase=Phase.RUNTIME, severity=Severity.WARNING, needs="vcpu vcpu_schedule")
def priority_above_interrupts(vm: Domain) -> Iterator[Finding]:
    """
    What: A vCPU has scheduler fifo or rr and a priority of 50 or more.
    Why: Threaded interrupts and the kernel's own real-time threads run at 50 and below (sched_set_fifo, kernel/sched/core.c of Linux 6.1);
    a guest that spins keeps them from its CPU, and RCU, timers and the host's disk wait. A guest that has its CPU alone needs 1.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          vcpu 0 { pin = 4 }
          vcpu 1 { pin = 5; scheduler = fifo; priority = 99 }
          emulator { pin = 0 }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          vcpu 0 { pin = 4 }
          vcpu 1 { pin = 5; scheduler = fifo; priority = 1 }
          emulator { pin = 0 }
        }
    """
    groups = [(("vcpu", v.label), v.scheduler, v.priority) for v in vm.vcpu]
    groups += [(("vcpu-schedule", s.label), s.scheduler, s.priority) for s in vm.vcpu_schedule]
    for path, scheduler, priority in groups:
        if scheduler in ("fifo", "rr") and priority is not None and INTERRUPTS <= priority <= 99:
            message = f"{' '.join(path)} has priority {priority}, above the host's threaded interrupts"
            yield Finding((*path, "priority"), message, help="set priority = 1")


INTERRUPTS = 50
"""MAX_RT_PRIO / 2."""


@rule(4163, "priority-ignored", phase=Phase.ACCEPTED, needs="vcpu iothread emulator")
def priority_ignored(vm: Domain) -> Iterator[Finding]:
    """
    What: A thread has a priority and its scheduler is neither fifo nor rr.
    Why: Only fifo and rr have priorities (sched(7)); libvirt does not read it for others (virDomainSchedulerParse, src/conf/domain_conf.c
    9.0.0).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; vcpu 0 { scheduler = batch; priority = 1 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; vcpu 0 { scheduler = batch } }
    """
    threads: list[tuple[Path, str | None, int | None]] = [
        (("vcpu", v.label), v.scheduler, v.priority) for v in vm.vcpu if v.priority is not None
    ]
    threads += [(("iothread", t.label), t.scheduler, t.priority) for t in vm.iothread if t.priority is not None]
    if vm.emulator is not None and vm.emulator.priority is not None:
        threads.append((("emulator",), vm.emulator.scheduler, vm.emulator.priority))
    for path, scheduler, _ in threads:
        if scheduler not in ("fifo", "rr"):
            yield Finding(
                (*path, "priority"),
                f"{' '.join(path)} has scheduler {scheduler or 'other'}, which knows no priority",
                help="use scheduler = fifo",
            )


@rule(4164, "realtime-unpinned", phase=Phase.FLEET, needs="vcpu")
def realtime_unpinned(vm: Domain) -> Iterator[Finding]:
    """
    What: A vCPU has scheduler fifo or rr and no pin of its own to one CPU.
    Why: A spinning FIFO thread starves whatever shares its CPU, kernel threads included (sched(7), "SCHED_FIFO"); without a pin that may be
    any CPU of the host. libvirt accepts it.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          vcpu 0 { pin = 4 }
          vcpu 1 { pin = 5-6; scheduler = fifo; priority = 1 }
          emulator { pin = 0 }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          vcpu 0 { pin = 4 }
          vcpu 1 { pin = 5; scheduler = fifo; priority = 1 }
          emulator { pin = 0 }
        }
    """
    where = None
    for vcpu in vm.vcpu:
        if vcpu.scheduler in ("fifo", "rr"):
            where = where if where is not None else pins(vm)
            pin = where.get(int(vcpu.label)) if vcpu.label.isdigit() else None
            if pin is None or len(pin) != 1:
                said = f"may run on {pin}" if pin else "is not pinned"
                yield Finding(
                    ("vcpu", vcpu.label, "scheduler"),
                    f"vCPU {vcpu.label} has scheduler {vcpu.scheduler} and {said}",
                    help="pin it to one isolated CPU",
                )


@rule(4175, "schedules-overlap", phase=Phase.DEFINE, needs="vcpu_schedule iothread_schedule vcpu iothread")
def schedules_overlap(vm: Domain) -> Iterator[Finding]:
    """
    What: Two schedules name the same vCPU or iothread, or one that does not exist.
    Why: libvirt 9.0.0 refuses both at define (virDomainThreadSchedParseHelper and virDomainDefGetIOThreadSched, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: 'vcpusched' attributes 'vcpus' must not overlap.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          vcpu-schedule a { vcpus = 0-1; scheduler = batch }
          vcpu-schedule b { vcpus = 1; scheduler = idle }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          vcpu-schedule a { vcpus = 0; scheduler = batch }
          vcpu-schedule b { vcpus = 1; scheduler = idle }
        }
    """
    for kind, schedules, known in (
        ("vcpu", [(s.label, s.vcpus) for s in vm.vcpu_schedule], range(max_vcpus(vm)) if vm.vcpu_schedule else range(0)),
        ("iothread", [(s.label, s.iothreads) for s in vm.iothread_schedule], iothread_ids(vm) if vm.iothread_schedule else range(0)),
    ):
        single = vm.vcpu if kind == "vcpu" else vm.iothread
        taken = {int(t.label): (kind, t.label) for t in single if t.scheduler is not None and t.label.isdigit()}
        for label, threads in schedules:
            here = (f"{kind}-schedule", label)
            for number in threads or ():
                if number not in known:
                    yield Finding(here, f"{kind} {number} does not exist")
                elif taken.setdefault(number, here) != here:
                    yield Finding(here, f"{kind} {number} is scheduled already", labels=((taken[number], "here"),))
