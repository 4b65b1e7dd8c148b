"""vCPUs that may take more than the machine."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu
from vmspec.model.value import Duration


@rule(4113, "cpu-quota-above-global", phase=Phase.START)
def quota_above_global(cpu: Cpu) -> Iterator[Finding]:
    """
    What: The quota of a vCPU is a larger share than the global quota of the whole machine.
    Why: The kernel refuses a child group whose share is above its parent's (cgroup v1 tg_cfs_schedulable, kernel/sched/core.c), so the
    start fails; libvirt 9.0.0 does not compare them.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: Invalid value '100000' for 'cpu.cfs_quota_us': Invalid
    argument.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { quota = 100ms; period = 100ms; global-quota = 50ms; global-period = 100ms }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { quota = 25ms; period = 100ms; global-quota = 50ms; global-period = 100ms }
        }
    """
    one, whole = cpu.quota, cpu.global_quota
    if not isinstance(one, Duration) or not isinstance(whole, Duration):
        return
    period, total = cpu.period or 100_000_000, cpu.global_period or 100_000_000
    if one * total > whole * period:
        yield Finding(
            ("cpu", "quota"),
            f"a vCPU may take {one * 100 // period} % of a CPU, and the whole machine {whole * 100 // total} %",
            labels=((("cpu", "global-quota"), "the whole machine"),),
        )
