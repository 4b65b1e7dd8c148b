"""A vCPU that is absent for ever."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4158, "vcpu-offline-fixed", phase=Phase.DEFINE)
def vcpu_offline_fixed(vm: Domain) -> Iterator[Finding]:
    """
    What: A vCPU is offline and not hotpluggable.
    Why: It could never come; libvirt 9.0.0 refuses it at define (virDomainVcpuDefPostParse, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: vcpu '1' is both offline and not hotpluggable.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vcpu 0 { online = true }
          vcpu 1 { online = false; hotpluggable = false }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vcpu 0 { online = true }
          vcpu 1 { online = false; hotpluggable = true }
        }
    """
    for vcpu in vm.vcpu:
        if vcpu.online is False and vcpu.hotpluggable is False:
            yield Finding(("vcpu", vcpu.label, "hotpluggable"), f"vCPU {vcpu.label} is offline and cannot be plugged", instead="true")
