"""A check of a CPU that is not named."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu
from vmspec.model.domain import Domain
from vmspec.model.machine import has_default_cpu


@rule(4103, "cpu-check-without-model", phase=Phase.DEFINE)
def check_without_model(cpu: Cpu, vm: Domain) -> Iterator[Finding]:
    """
    What: `cpu.check` is set on a CPU without a model or mode, on a machine for which libvirt knows no default model.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefPostParseCPU, src/conf/domain_postparse.c). On x86, POWER and s390x, and on ARM
    with type = qemu, it has filled in QEMU's default model by then (qemuDomainDefSetDefaultCPU, src/qemu/qemu_domain.c): see 4117.
    Observed: libvirt 9.0.0, QEMU 7.0's capabilities: define refuses it: unsupported configuration: check attribute specified for CPU with
    no model.
    Example:
        vm a {
          resolve = false
          type = kvm
          arch = aarch64
          machine = virt
          memory.size = 1GiB
          cpu { count = 1; check = full }
        }
    Instead:
        vm a {
          resolve = false
          type = kvm
          arch = aarch64
          machine = virt
          memory.size = 1GiB
          cpu { count = 1; mode = host-passthrough; check = full }
        }
    """
    if cpu.check is not None and cpu.mode in (None, "custom") and not cpu.model and not has_default_cpu(vm):
        yield Finding(("cpu", "check"), f"check = {cpu.check} has no CPU model to compare with")
