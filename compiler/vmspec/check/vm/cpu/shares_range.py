"""A CPU weight outside the kernel's range."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu


@rule(4110, "cpu-shares-range", phase=Phase.DEFINE)
def shares_range(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `cpu.shares` is not from 2 to 262144.
    Why: libvirt 9.0.0 refuses others at define (virDomainDefCputuneValidate, src/conf/domain_validate.c; VIR_CGROUP_CPU_SHARES_MIN,
    src/util/vircgroup.h).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Value of cputune 'shares' must be in range [2, 262144].
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { shares = 1 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { shares = 1024 }
        }
    """
    if cpu.shares and not 2 <= cpu.shares <= 262144:
        yield Finding(("cpu", "shares"), f"shares {cpu.shares} is not from 2 to 262144", instead=str(min(max(cpu.shares, 2), 262144)))
