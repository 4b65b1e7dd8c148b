"""Switches that KVM or TCG alone has."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.cpus import max_vcpus, pins
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import show_quantity


@rule(4702, "dirty-ring-size", phase=Phase.DEFINE, needs="features.kvm")
def dirty_ring_size(vm: Domain) -> Iterator[Finding]:
    """
    What: `kvm.dirty-ring-size` is not a power of two from 1024 to 65536.
    Why: libvirt 9.0.0 refuses others at define (virDomainFeaturesKVMDefParse, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: dirty ring must be power of 2 and ranges [1024, 65536].
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; features { acpi = true; kvm { dirty-ring = true; dirty-ring-size = 5000 } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; features { acpi = true; kvm { dirty-ring = true; dirty-ring-size = 4096 } } }
    """
    kvm = vm.features.kvm if vm.features is not None else None
    size = kvm.dirty_ring_size if kvm is not None and kvm.dirty_ring else None
    if size is not None and (size & (size - 1) or not 1024 <= size <= 65536):
        yield Finding(
            ("features", "kvm", "dirty-ring-size"), f"dirty-ring-size {size} is not a power of two from 1024 to 65536", instead="4096"
        )


@rule(4704, "tcg-cache", phase=Phase.DEFINE, needs="features.tcg_tb_cache")
def tcg_cache(vm: Domain) -> Iterator[Finding]:
    """
    What: `tcg-tb-cache` on a VM that is not of type qemu, or no whole number of MiB.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDefFeatures, src/qemu/qemu_validate.c).
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; features { acpi = true; tcg-tb-cache = 32MiB } }
    Instead:
        vm a { type = qemu; memory.size = 1GiB; cpu.count = 1; features { acpi = true; tcg-tb-cache = 32MiB } }
    """
    cache = vm.features.tcg_tb_cache if vm.features is not None else None
    if cache is None:
        return
    if vm.type != "qemu":
        yield Finding(("features", "tcg-tb-cache"), "only a VM of type qemu translates code", help="remove it")
    elif cache % (1 << 20):
        yield Finding(("features", "tcg-tb-cache"), f"tcg-tb-cache {show_quantity(cache)} is no whole number of MiB")


@rule(4706, "hidden-dedicated", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="features.kvm")
def hidden_dedicated(vm: Domain) -> Iterator[Finding]:
    """
    What: `kvm.hint-dedicated` on a VM whose vCPUs are not pinned.
    Why: The guest then spins instead of halting and leaves paravirtual spinlocks out, which is wrong on shared CPUs (Linux
    Documentation/virt/kvm/x86/cpuid.rst, KVM_HINTS_REALTIME).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; features { acpi = true; kvm { hint-dedicated = true } } }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
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
