"""A switch of another machine."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import arch, describe, is_arm_virt, is_pseries, is_qemu, is_x86

_PSERIES = ("hpt", "htm", "nested_hv", "ccf_assist", "cfpc", "sbbc", "ibs")


@rule(4703, "arch-features", phase=Phase.DEFINE)
def arch_features(vm: Domain) -> Iterator[Finding]:
    """
    What: A switch of ARM or pSeries on another machine, or one of x86 elsewhere.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDefFeatures, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: The 'gic' feature is not supported for architecture
    'x86_64' or machine type 'pc-q35-7.2'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          features { acpi = true; gic = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          features { acpi = true }
        }
    """
    features = vm.features
    if features is None or not is_qemu(vm):
        return
    for name in _PSERIES:
        if getattr(features, name) is not None and not is_pseries(vm):
            yield Finding(("features", name.replace("_", "-")), f"{name.replace('_', '-')} is a switch of pSeries, not of {describe(vm)}")
    if (features.gic or features.gic_version) and not is_arm_virt(vm):
        yield Finding(("features", "gic"), f"{describe(vm)} has no GIC")
    if features.ioapic and not is_x86(vm):
        yield Finding(("features", "ioapic"), f"{describe(vm)} has no I/O APIC")
    if features.pvspinlock is not None and not is_x86(vm):
        yield Finding(("features", "pvspinlock"), f"{describe(vm)} has no paravirtual spinlocks")
    if features.pmu is False and arch(vm).startswith("ppc64"):
        yield Finding(("features", "pmu"), "a POWER guest always has performance counters")
