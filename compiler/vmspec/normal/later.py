"""What libvirt releases after 9.0.0 add at define, each by the release that began it.

Not here is what hangs on the host: since 9.2.0 `boot.firmware` is resolved at define by the descriptors in /usr/share/qemu/firmware
(qemuFirmwareFillDomain, src/qemu/qemu_firmware.c).
"""

from __future__ import annotations

from vmspec.model.devices.iommu import Iommu
from vmspec.model.devices.watchdog import Watchdog
from vmspec.model.domain import Domain
from vmspec.model.features import Features
from vmspec.model.machine import is_q35
from vmspec.model.value import Symbol
from vmspec.normal.edit import filled, labelled, made, on_each
from vmspec.normal.target import Target

FEW = 255
"""vCPUs that a guest reaches without extended interrupts (QEMU_MAX_VCPUS_WITHOUT_EIM, src/qemu/qemu_domain.h 10.10.0)."""


def clusters(vm: Domain, target: Target) -> Domain:
    """A topology says one cluster in a die (virCPUDefParseXML, src/conf/cpu_conf.c 10.1.0)."""
    if target.libvirt < (10, 1, 0) or vm.cpu is None or vm.cpu.topology is None:
        return vm
    return vm.but(cpu=vm.cpu.but(topology=filled(vm.cpu.topology, clusters=1)))


def watchdog(vm: Domain, target: Target) -> Domain:
    """The one that every q35 has is listed, with the action of the others (qemuDomainDefAddDefaultDevices,
    src/qemu/qemu_domain.c 9.1.0)."""
    if target.libvirt < (9, 1, 0) or not is_q35(vm) or any(own.model == "itco" for own in vm.watchdog):
        return vm
    action = next((own.action for own in vm.watchdog if own.action is not None), None)
    added = labelled(Watchdog, "itco", model=Symbol("itco"), action=Symbol(action or "reset"))
    return vm.but(watchdog=(*vm.watchdog, added))


def iommu(vm: Domain, target: Target) -> Domain:
    """A q35 with more than 255 vCPUs gets an Intel IOMMU with extended interrupts, and the I/O APIC that these need
    (qemuDomainDefAddDefaultDevices, qemuDomainIOMMUDefPostParse, qemuDomainDefEnableDefaultFeatures, src/qemu/qemu_domain.c 10.10.0)."""
    top = max(vm.cpu.max or 0, vm.cpu.count or 0) if vm.cpu is not None else 0
    if target.libvirt < (10, 10, 0) or not target.new or not is_q35(vm) or top <= FEW:
        return vm
    if not vm.iommu:
        vm = vm.but(iommu=(labelled(Iommu, "intel", model=Symbol("intel")),))
    vm = on_each(vm, "iommu", _extended)
    if not any(own.intremap for own in vm.iommu):
        return vm
    return vm.but(features=filled(made(vm.features, Features), ioapic=Symbol("qemu")))


def _extended(own: Iommu) -> Iommu:
    if own.model != "intel":
        return own
    own = filled(own, eim=True)
    return filled(own, intremap=True) if own.eim else own
