"""A quota's interval outside the kernel's range."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu
from vmspec.model.value import show_quantity


@rule(4111, "cpu-period-range", phase=Phase.DEFINE)
def period_range(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `cpu.period` or `cpu.global-period` is not from 1 ms to 1 s.
    Why: libvirt 9.0.0 refuses others at define (virDomainDefCputuneValidate, src/conf/domain_validate.c; VIR_CGROUP_CPU_PERIOD_MIN and
    _MAX, src/util/vircgroup.h).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { period = 500us; quota = 1ms }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { period = 100ms; quota = 50ms }
        }
    """
    for name, period in (("period", cpu.period), ("global-period", cpu.global_period)):
        if period and not 1_000_000 <= period <= 1_000_000_000:
            yield Finding(("cpu", name), f"{name} {show_quantity(period)} is not from 1ms to 1s", instead="100ms")
