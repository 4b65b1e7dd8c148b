"""A priority without a real-time scheduler."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4163, "priority-ignored", phase=Phase.ACCEPTED)
def priority_ignored(vm: Domain) -> Iterator[Finding]:
    """
    What: A thread has a priority and its scheduler is neither fifo nor rr.
    Why: Only fifo and rr have priorities (sched(7)); libvirt does not read it for others (virDomainSchedulerParse, src/conf/domain_conf.c
    9.0.0).
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vcpu 0 { scheduler = batch; priority = 1 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vcpu 0 { scheduler = batch }
        }
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
