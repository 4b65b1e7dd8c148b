"""I/O threads and their pools."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.cpus import iothread_ids
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4168, "iothread-zero", phase=Phase.DEFINE, needs="iothread")
def iothread_zero(vm: Domain) -> Iterator[Finding]:
    """
    What: An iothread has number 0.
    Why: libvirt counts them from 1 and refuses 0 at define (virDomainIOThreadIDDefParseXML, src/conf/domain_conf.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Invalid value for attribute 'id' in element 'iothread': Zero is not
    permitted.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; iothread 0 { } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; iothread 1 { } }
    """
    for thread in vm.iothread:
        if thread.label == "0":
            yield Finding(("iothread", "0"), "iothreads are counted from 1")


@rule(4169, "thread-pool", phase=Phase.DEFINE, needs="iothread emulator")
def thread_pool(vm: Domain) -> Iterator[Finding]:
    """
    What: `thread-pool-min` is above `thread-pool-max` or stands without it, or `thread-pool-max` is 0.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefValidateIOThreadsThreadPool, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: thread_pool_min must be smaller or equal to
    thread_pool_max.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; iothread 1 { thread-pool-min = 8; thread-pool-max = 4 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; iothread 1 { thread-pool-min = 4; thread-pool-max = 8 } }
    """
    pools: list[tuple[Path, int | None, int | None]] = [(("iothread", t.label), t.thread_pool_min, t.thread_pool_max) for t in vm.iothread]
    if vm.emulator is not None:
        pools.append((("emulator",), vm.emulator.thread_pool_min, vm.emulator.thread_pool_max))
    for path, least, most in pools:
        if most == 0:
            yield Finding((*path, "thread-pool-max"), "a pool has at least one thread")
        elif least is not None and most is None:
            # The missing one is -1, and every least number is above it (virDomainIOThreadIDDefParseXML, src/conf/domain_conf.c).
            yield Finding((*path, "thread-pool-min"), f"thread-pool-min {least} needs a thread-pool-max")
        elif least is not None and most is not None and least > most:
            yield Finding((*path, "thread-pool-min"), f"thread-pool-min {least} is above thread-pool-max {most}")


@rule(4170, "iothread-tuned-undefined", phase=Phase.DEFINE, needs="iothread")
def iothread_tuned_undefined(vm: Domain) -> Iterator[Finding]:
    """
    What: An iothread has a pin or scheduler and is not among the VM's iothreads.
    Why: libvirt 9.0.0 refuses it at define ("Cannot find 'iothread'", virDomainIOThreadPinDefParseXML and virDomainDefGetIOThreadSched,
    src/conf/domain_conf.c).
    Example:
        vm a { resolve = false; memory.size = 1GiB; cpu.count = 2; iothread 2 { declared = false; pin = 1 } }
    Instead:
        vm a { resolve = false; memory.size = 1GiB; cpu.count = 2; iothread 2 { declared = true; pin = 1 } }
    """
    have = None
    for thread in vm.iothread:
        if not thread.declared:
            have = have if have is not None else iothread_ids(vm)
            if thread.label.isdigit() and int(thread.label) not in have:
                yield Finding(("iothread", thread.label), f"iothread {thread.label} does not exist")
