"""The threads of a virtual machine: vCPUs, the emulator, I/O threads (docs/formatdomain.rst 9.0.0, "CPU Tuning", "IOThreads")."""

from vmspec.model.block import Annotated, Attr, Block
from vmspec.model.cpu import QUOTA
from vmspec.model.kind import CPUS, PRESENCE, YES_NO, Integer, OneOf
from vmspec.model.units import MICROSECONDS, NANOSECONDS
from vmspec.model.value import CpuSet, Duration, Symbol, Value

SCHEDULER = OneOf("batch", "idle", "fifo", "rr")
PRIORITY = Integer(0, 65535)
COUNT = Integer(0)


class Vcpu(Block):
    """One virtual processor."""

    online: Annotated[bool | None, Attr("vcpus/vcpu[@id=$label]/@enabled", YES_NO, "Present at boot.", since="2.2.0")] = None
    hotpluggable: Annotated[
        bool | None, Attr("vcpus/vcpu[@id=$label]/@hotpluggable", YES_NO, "Can be taken away later.", since="2.2.0")
    ] = None
    order: Annotated[
        int | None, Attr("vcpus/vcpu[@id=$label]/@order", Integer(1), "Place in the order in which they are added.", since="2.2.0")
    ] = None
    pin: Annotated[CpuSet | None, Attr("cputune/vcpupin[@vcpu=$label]/@cpuset", CPUS, "Host CPUs that it may run on.", since="0.9.0")] = (
        None
    )
    scheduler: Annotated[
        Symbol | None, Attr("cputune/vcpusched[@vcpus=$label]/@scheduler", SCHEDULER, "Scheduling class.", since="1.2.13")
    ] = None
    priority: Annotated[
        int | None, Attr("cputune/vcpusched[@vcpus=$label]/@priority", PRIORITY, "Real-time priority, 1 to 99.", since="1.2.13")
    ] = None


class VcpuSchedule(Block):
    """Scheduling of several vCPUs in one line, as imported definitions have it; prefer `vcpu N { scheduler }`."""

    element = "cputune/vcpusched"

    vcpus: Annotated[CpuSet | None, Attr("@vcpus", CPUS, "The vCPUs.", since="1.2.13")] = None
    scheduler: Annotated[Symbol | None, Attr("@scheduler", SCHEDULER, "Scheduling class.", since="1.2.13")] = None
    priority: Annotated[int | None, Attr("@priority", PRIORITY, "Real-time priority, 1 to 99.", since="1.2.13")] = None


class Emulator(Block):
    """The threads of QEMU that are neither vCPUs nor I/O threads."""

    pin: Annotated[CpuSet | None, Attr("cputune/emulatorpin/@cpuset", CPUS, "Host CPUs that they may run on.", since="0.9.0")] = None
    period: Annotated[
        Duration | None, Attr("cputune/emulator_period", MICROSECONDS, "Enforcement interval of their quota.", since="0.10.0")
    ] = None
    quota: Annotated[
        "Value | None", Attr("cputune/emulator_quota", QUOTA, "Their CPU time in a period, or `unlimited`.", since="0.10.0")
    ] = None
    scheduler: Annotated[Symbol | None, Attr("cputune/emulatorsched/@scheduler", SCHEDULER, "Scheduling class.", since="5.3.0")] = None
    priority: Annotated[int | None, Attr("cputune/emulatorsched/@priority", PRIORITY, "Real-time priority, 1 to 99.", since="5.3.0")] = None
    thread_pool_min: Annotated[
        int | None, Attr("defaultiothread/@thread_pool_min", COUNT, "Fewest worker threads of the main loop.", since="8.5.0")
    ] = None
    thread_pool_max: Annotated[
        int | None, Attr("defaultiothread/@thread_pool_max", COUNT, "Most worker threads of the main loop.", since="8.5.0")
    ] = None


class IoThread(Block):
    """One I/O thread."""

    declared: Annotated[
        bool | None,
        Attr(
            "iothreadids/iothread[@id=$label]",
            PRESENCE,
            "It has a number of its own; else it is one of the first `iothreads`.",
            since="1.2.15",
            default=True,
        ),
    ] = None
    thread_pool_min: Annotated[
        int | None, Attr("iothreadids/iothread[@id=$label]/@thread_pool_min", COUNT, "Fewest worker threads.", since="8.5.0")
    ] = None
    thread_pool_max: Annotated[
        int | None, Attr("iothreadids/iothread[@id=$label]/@thread_pool_max", COUNT, "Most worker threads.", since="8.5.0")
    ] = None
    poll_max: Annotated[
        Duration | None, Attr("iothreadids/iothread[@id=$label]/poll/@max", NANOSECONDS, "Longest busy wait for events.", since="9.4.0")
    ] = None
    poll_grow: Annotated[
        int | None,
        Attr("iothreadids/iothread[@id=$label]/poll/@grow", COUNT, "Factor by which busy waiting grows; 0 is QEMU's own.", since="9.4.0"),
    ] = None
    poll_shrink: Annotated[
        int | None,
        Attr("iothreadids/iothread[@id=$label]/poll/@shrink", COUNT, "Divisor by which it shrinks; 0 is QEMU's own.", since="9.4.0"),
    ] = None
    poll_weight: Annotated[
        int | None,
        Attr(
            "iothreadids/iothread[@id=$label]/poll/@weight",
            Integer(0, 63),
            "How little recent events count, as a shift; 0 is QEMU's own.",
            since="12.7.0",
        ),
    ] = None
    pin: Annotated[
        CpuSet | None, Attr("cputune/iothreadpin[@iothread=$label]/@cpuset", CPUS, "Host CPUs that it may run on.", since="1.2.9")
    ] = None
    scheduler: Annotated[
        Symbol | None, Attr("cputune/iothreadsched[@iothreads=$label]/@scheduler", SCHEDULER, "Scheduling class.", since="1.2.13")
    ] = None
    priority: Annotated[
        int | None, Attr("cputune/iothreadsched[@iothreads=$label]/@priority", PRIORITY, "Real-time priority, 1 to 99.", since="1.2.13")
    ] = None


class IoThreadSchedule(Block):
    """Scheduling of several I/O threads in one line, as imported definitions have it; prefer `iothread N { scheduler }`."""

    element = "cputune/iothreadsched"

    iothreads: Annotated[CpuSet | None, Attr("@iothreads", CPUS, "The I/O threads.", since="1.2.13")] = None
    scheduler: Annotated[Symbol | None, Attr("@scheduler", SCHEDULER, "Scheduling class.", since="1.2.13")] = None
    priority: Annotated[int | None, Attr("@priority", PRIORITY, "Real-time priority, 1 to 99.", since="1.2.13")] = None


class IoThreads(Block):
    """Limits that all I/O threads share."""

    period: Annotated[
        Duration | None, Attr("cputune/iothread_period", MICROSECONDS, "Enforcement interval of each thread's quota.", since="2.1.0")
    ] = None
    quota: Annotated[
        "Value | None", Attr("cputune/iothread_quota", QUOTA, "CPU time of each thread in a period, or `unlimited`.", since="2.1.0")
    ] = None
