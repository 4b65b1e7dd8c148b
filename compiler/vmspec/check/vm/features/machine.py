"""Switches that only some machines have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import arch, describe, is_arm_virt, is_pseries, is_q35, is_qemu, is_x86
from vmspec.model.value import show_quantity


@rule(4701, "tseg-machine", phase=Phase.DEFINE, needs="features.smm")
def tseg_machine(vm: Domain) -> Iterator[Finding]:
    """
    What: `smm.tseg` on another machine than q35, or no whole number of MiB.
    Why: libvirt 9.0.0 refuses it at define (qemuDomainDefTsegPostParse, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: SMM TSEG is only supported with q35 machine type.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = pc; features { acpi = true; smm { state = true; tseg = 48MiB } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = q35; features { acpi = true; smm { state = true; tseg = 48MiB } } }
    """
    smm = vm.features.smm if vm.features is not None else None
    if smm is None or smm.state is False or smm.tseg is None:
        return
    if not is_q35(vm):
        yield Finding(("features", "smm", "tseg"), f"tseg needs q35, not {describe(vm)}")
    elif smm.tseg % (1 << 20):
        yield Finding(("features", "smm", "tseg"), f"tseg {show_quantity(smm.tseg)} is no whole number of MiB")


_PSERIES = ("hpt", "htm", "nested_hv", "ccf_assist", "cfpc", "sbbc", "ibs")


@rule(4703, "arch-features", phase=Phase.DEFINE, needs="features")
def arch_features(vm: Domain) -> Iterator[Finding]:
    """
    What: A switch of ARM or pSeries on another machine, or one of x86 elsewhere.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDefFeatures, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: The 'gic' feature is not supported for architecture
    'x86_64' or machine type 'pc-q35-7.2'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; features { acpi = true; gic = true } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; features { acpi = true } }
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


@rule(4705, "no-acpi", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="features.apic features.pae")
def no_acpi(vm: Domain) -> Iterator[Finding]:
    """
    What: `features` of an x86 machine are listed, and `acpi` is not among them.
    Why: Without ACPI the guest does not notice a shutdown request, hotplug or NUMA cells (docs/formatdomain.rst 9.0.0, "acpi"); mostly the
    line was forgotten.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; features { apic = true; pae = true } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; features { acpi = true; apic = true; pae = true } }
    """
    features = vm.features
    if features is not None and features.acpi is None and (features.apic or features.pae) and is_x86(vm) and is_qemu(vm):
        yield Finding(("features",), "a guest without ACPI hears no shutdown request", help="set features.acpi = true")


@rule(4700, "ps2-off", phase=Phase.DEFINE, needs="features.ps2")
def ps2_off(vm: Domain) -> Iterator[Finding]:
    """
    What: `features.ps2 = false`, and the VM has a mouse or keyboard on ps2, or `features.vmport`.
    Why: Both need the PS/2 controller; libvirt 11.3.0 refuses them at define (virDomainDefInputValidate, src/conf/domain_validate.c;
    qemuValidateDomainDefFeatures, src/qemu/qemu_validate.c). The switch came with 10.7.0.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          features { acpi = true; ps2 = false }
          input i { type = mouse; bus = ps2 }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          features { acpi = true; ps2 = false; vmport = false }
          input i { type = tablet; bus = usb }
        }
    """
    if vm.features is None or vm.features.ps2 is not False or not is_qemu(vm):
        return
    off = ((("features", "ps2"), "off here"),)
    for device in vm.input:
        if device.bus == "ps2":
            yield Finding(("input", device.label, "bus"), f"{device.type} {device.label} is on ps2, and the controller is off", labels=off)
    if vm.features.vmport:
        yield Finding(("features", "vmport"), "vmport is a part of the PS/2 controller, which is off", labels=off)
