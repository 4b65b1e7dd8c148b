"""An empty set of CPUs."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu


@rule(4114, "cpu-empty-cpuset", phase=Phase.DEFINE)
def empty_cpuset(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `cpu.cpuset` names no CPU.
    Why: libvirt 9.0.0 refuses an empty bitmap at define (virDomainVcpuParse, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { cpuset = 0,^0 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { cpuset = 0-3 }
        }
    """
    for name, cpus in (("cpuset", cpu.cpuset), ("pin", cpu.pin)):
        if cpus is not None and not cpus:
            yield Finding(("cpu", name), f"{name} is empty")
