"""A quota below the kernel's least."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu
from vmspec.model.value import Duration, show_quantity


@rule(4112, "cpu-quota-range", phase=Phase.DEFINE)
def quota_range(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `cpu.quota` or `cpu.global-quota` is below 1 ms.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefCputuneValidate, src/conf/domain_validate.c; VIR_CGROUP_CPU_QUOTA_MIN is 1000 µs,
    src/util/vircgroup.h).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Value of cputune 'quota' must be in range [1000,
    17592186044415].
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { period = 100ms; quota = 500us }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { period = 100ms; quota = 50ms }
        }
    """
    for name, quota in (("quota", cpu.quota), ("global-quota", cpu.global_quota)):
        if isinstance(quota, Duration) and 0 < quota < 1_000_000:
            yield Finding(("cpu", name), f"{name} {show_quantity(quota)} is below 1ms", instead="1ms")
