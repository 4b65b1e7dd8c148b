"""A promise that is not kept."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.cpus import max_vcpus, pins
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4706, "hidden-dedicated", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def hidden_dedicated(vm: Domain) -> Iterator[Finding]:
    """
    What: `kvm.hint-dedicated` on a VM whose vCPUs are not pinned.
    Why: The guest then spins instead of halting and leaves paravirtual spinlocks out, which is wrong on shared CPUs (Linux
    Documentation/virt/kvm/x86/cpuid.rst, KVM_HINTS_REALTIME).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          features { acpi = true; kvm { hint-dedicated = true } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          vcpu 0 { pin = 4 }
          vcpu 1 { pin = 5 }
          emulator { pin = 0 }
          features { acpi = true; kvm { hint-dedicated = true } }
        }
    """
    kvm = vm.features.kvm if vm.features is not None else None
    if kvm is not None and kvm.hint_dedicated and len(pins(vm)) < max_vcpus(vm):
        yield Finding(
            ("features", "kvm", "hint-dedicated"), "the guest is told that its vCPUs have CPUs of their own, and they are not pinned"
        )
