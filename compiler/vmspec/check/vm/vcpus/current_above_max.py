"""More vCPUs at boot than there can be."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4150, "current-above-max", phase=Phase.DEFINE)
def current_above_max(vm: Domain) -> Iterator[Finding]:
    """
    What: `cpu.count` is above `cpu.max`.
    Why: libvirt 9.0.0 refuses it at define ("maxvcpus must not be less than current vcpus", virDomainVcpuParse and virDomainDefSetVcpus,
    src/conf/domain_conf.c). Where `vcpu` blocks say which are online, the count is not looked at.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: maximum vCPU count must not be less than current vCPU
    count.
    Example:
        vm a {
          memory.size = 1GiB
          cpu { count = 8; max = 4 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu { count = 4; max = 8 }
        }
    """
    cpu = vm.cpu
    listed = any(v.online is not None for v in vm.vcpu)
    if cpu is not None and cpu.count and cpu.max and cpu.count > cpu.max and not listed:
        yield Finding(("cpu", "count"), f"count {cpu.count} is above max {cpu.max}", labels=((("cpu", "max"), "the most"),))
