"""What libvirt releases after 9.0.0 add at define, each by the release that began it.

Not here is what hangs on the host: since 9.2.0 `boot.firmware` is resolved at define by the descriptors in /usr/share/qemu/firmware
(qemuFirmwareFillDomain, src/qemu/qemu_firmware.c).
"""

from __future__ import annotations

from vmspec.model.devices.disk import Disk
from vmspec.model.devices.iommu import Iommu
from vmspec.model.devices.video import Video
from vmspec.model.devices.watchdog import Watchdog
from vmspec.model.domain import Domain
from vmspec.model.features import Features
from vmspec.model.machine import is_q35, is_x86
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
    """A q35 with more than 255 vCPUs gets an Intel IOMMU with extended interrupts, and one that remaps interrupts the I/O APIC in QEMU
    (qemuDomainDefAddDefaultDevices, qemuDomainIOMMUDefPostParse, qemuDomainDefEnableDefaultFeatures, src/qemu/qemu_domain.c 10.10.0)."""
    top = max(vm.cpu.max or 0, vm.cpu.count or 0) if vm.cpu is not None else 0
    if target.libvirt < (10, 10, 0) or not target.new:
        return vm
    if is_q35(vm) and top > FEW:
        if not vm.iommu:
            vm = vm.but(iommu=(labelled(Iommu, "intel", model=Symbol("intel")),))
        vm = on_each(vm, "iommu", _extended)
    if not any(own.intremap for own in vm.iommu):
        return vm
    return vm.but(features=filled(made(vm.features, Features), ioapic=Symbol("qemu")))


def formats(vm: Domain, target: Target) -> Domain:
    """Files of the firmware say their format, those without one being raw (qemuFirmwareFillDomain and qemuDomainDefBootPostParse, seen with
    11.3.0; a loader mapped as ROM that says so since 12, a template since 10.10.0)."""
    own = vm.firmware
    if target.libvirt < (9, 2, 0) or own is None or own.loader is None:
        return vm
    if own.loader_type == "rom" and own.loader_readonly is None and target.libvirt < (12, 0, 0):
        return vm
    own = filled(own, loader_format=Symbol("raw"))
    if own.nvram is not None:
        template = Symbol("raw") if own.nvram.template is not None and target.libvirt >= (12, 0, 0) else None
        plain = own.nvram.path is not None and own.nvram.source is None
        own = own.but(nvram=filled(own.nvram, own_format=Symbol("raw") if plain else None, template_format=template))
    return vm.but(firmware=own)


def models(vm: Domain, target: Target) -> Domain:
    """Models that libvirt used to choose at start stand in the definition: of USB disks (NEWS.rst 11.5.0, "Properly emulate USB cdrom
    device"), of virtio video cards (12.5.0); a virtio sound card has two streams (docs/formatdomain.rst, "Sound devices")."""
    if target.libvirt >= (10, 5, 0):
        vm = on_each(vm, "sound", lambda card: filled(card, streams=2) if card.model == "virtio" else card)
    if target.libvirt >= (11, 5, 0) and target.new:
        vm = on_each(vm, "disk", _usb_model)
    if target.libvirt >= (12, 5, 0):
        vga = is_x86(vm)
        vm = on_each(vm, "video", lambda card: _virtio_card(card, vga))
    return vm


def _usb_model(disk: Disk) -> Disk:
    model = Symbol("usb-bot" if disk.device == "cdrom" else "usb-storage")
    return filled(disk, model=model) if disk.bus == "usb" else disk


def _virtio_card(card: Video, vga: bool) -> Video:
    if card.model != "virtio":
        return card
    kind = "vga" if card.primary and vga else "gpu"
    if card.driver == "vhostuser":
        return filled(card, device=Symbol(f"vhost-user-{kind}"))
    three_d = card.acceleration is not None and card.acceleration.accel3d
    return filled(card, device=Symbol(f"virtio-{kind}{'-gl' if three_d else ''}"))


def _extended(own: Iommu) -> Iommu:
    if own.model != "intel":
        return own
    own = filled(own, eim=True)
    return filled(own, intremap=True) if own.eim else own
