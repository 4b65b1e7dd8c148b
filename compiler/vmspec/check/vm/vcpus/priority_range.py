"""A real-time priority that the kernel does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4162, "priority-range", phase=Phase.START)
def priority_range(vm: Domain) -> Iterator[Finding]:
    """
    What: A thread with scheduler fifo or rr has a priority outside 1–99, or none.
    Why: The kernel refuses it and the start fails (sched_setscheduler(2)); libvirt 9.0.0 demands a priority for fifo and rr at define and
    does not look at its range (virDomainSchedulerParse, src/conf/domain_conf.c).
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vcpu 0 { pin = 4 }
          vcpu 1 { pin = 5; scheduler = fifo; priority = 100 }
          emulator { pin = 0 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vcpu 0 { pin = 4 }
          vcpu 1 { pin = 5; scheduler = fifo; priority = 1 }
          emulator { pin = 0 }
        }
    """
    threads: list[tuple[Path, str | None, int | None]] = [(("vcpu", v.label), v.scheduler, v.priority) for v in vm.vcpu if v.scheduler]
    threads += [(("iothread", t.label), t.scheduler, t.priority) for t in vm.iothread if t.scheduler]
    if vm.emulator is not None and vm.emulator.scheduler:
        threads.append((("emulator",), vm.emulator.scheduler, vm.emulator.priority))
    for path, scheduler, priority in threads:
        if scheduler in ("fifo", "rr") and (priority is None or not 1 <= priority <= 99):
            said = "no priority" if priority is None else f"priority {priority}"
            yield Finding(
                (*path, "priority" if priority is not None else "scheduler"),
                f"{' '.join(path)} has scheduler {scheduler} and {said}; it goes from 1 to 99",
            )
