"""A guest of one vCPU that nobody asked for."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4151, "vcpus-missing", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def vcpus_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: Nothing says how many vCPUs the guest has.
    Why: libvirt gives it one (virDomainVcpuParse, src/conf/domain_conf.c 9.0.0), which is seldom what was meant.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1 }
    """
    cpu = vm.cpu
    if (cpu is None or not (cpu.count or cpu.max)) and vm.type != "lxc":
        yield Finding(("cpu",), f"{vm.name or 'the domain'} does not say how many vCPUs it has, and gets one", help="set cpu.count")
