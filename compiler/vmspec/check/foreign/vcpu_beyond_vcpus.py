"""A state or schedule for a vCPU that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.cpus import max_vcpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4156, "vcpu-beyond-vcpus", phase=Phase.DEFINE)
def vcpu_beyond_vcpus(vm: Domain) -> Iterator[Finding]:
    """
    What: `vcpu N` says whether the vCPU is online, hotpluggable, its order or its scheduler, and N is not below the largest number of
    vCPUs.
    Why: libvirt 9.0.0 refuses it at define (virDomainVcpuParse and virDomainSchedulerParse, src/conf/domain_conf.c).
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          features { acpi = true }
          cpu.count = 1
          vcpu 0 { online = true }
          vcpu 1 { online = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vcpu 0 { online = true }
          vcpu 1 { online = true }
        }
    """
    most = max_vcpus(vm)
    for vcpu in vm.vcpu:
        if (
            vcpu.label.isdigit()
            and int(vcpu.label) >= most
            and not all(x is None for x in (vcpu.online, vcpu.hotpluggable, vcpu.order, vcpu.scheduler))
        ):
            yield Finding(("vcpu", vcpu.label), f"vCPU {vcpu.label} does not exist: the VM has {most}, numbered from 0")
