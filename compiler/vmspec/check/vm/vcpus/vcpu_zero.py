"""A first vCPU that may be absent."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4157, "vcpu-zero", phase=Phase.DEFINE)
def vcpu_zero(vm: Domain) -> Iterator[Finding]:
    """
    What: vCPU 0 is offline, hotpluggable, or not the first in order.
    Why: The guest boots on it; libvirt 9.0.0 refuses it at define (qemuDomainDefVcpusPostParse, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: vcpu 0 can't be offline.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vcpu 0 { online = false; hotpluggable = true }
          vcpu 1 { online = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vcpu 0 { online = true; hotpluggable = false }
          vcpu 1 { online = true }
        }
    """
    for vcpu in vm.vcpu:
        if vcpu.label != "0":
            continue
        if vcpu.online is False:
            yield Finding(("vcpu", "0", "online"), "vCPU 0 cannot be offline", instead="true")
        elif vcpu.hotpluggable:
            yield Finding(("vcpu", "0", "hotpluggable"), "vCPU 0 cannot be hotpluggable", instead="false")
        elif vcpu.order not in (None, 1):
            yield Finding(("vcpu", "0", "order"), "vCPU 0 is the first in order", instead="1")
