"""The guest's IOMMU."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.device import PciAddress
from vmspec.model.devices.hostdev import PciHostdev
from vmspec.model.devices.iommu import Iommu
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, has_acpi, is_arm_virt, is_q35


@rule(4870, "iommu-machine", phase=Phase.DEFINE, needs="model")
def machine(iommu: Iommu, vm: Domain) -> Iterator[Finding]:
    """
    What: An intel IOMMU on another machine than q35, virtio on another than q35 or ARM virt, smmuv3 elsewhere than on ARM virt; or virtio
    without ACPI.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefIOMMU, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: IOMMU device: 'intel' is only supported with Q35
    machines.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = pc; features.acpi = true; iommu { model = intel } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = q35; features.acpi = true; iommu { model = intel } }
    """
    here = ("iommu", iommu.label, "model")
    if iommu.model == "intel" and not is_q35(vm):
        yield Finding(here, f"an intel IOMMU needs q35, not {describe(vm)}")
    elif iommu.model == "smmuv3" and not is_arm_virt(vm):
        yield Finding(here, f"smmuv3 needs an ARM virt machine, not {describe(vm)}")
    elif iommu.model == "virtio" and not is_q35(vm) and not is_arm_virt(vm):
        yield Finding(here, f"a virtio IOMMU needs q35 or ARM virt, not {describe(vm)}")
    elif iommu.model == "virtio" and not has_acpi(vm):
        yield Finding(here, "a virtio IOMMU needs ACPI", help="set features.acpi = true")


@rule(4871, "iommu-interrupts", phase=Phase.DEFINE, needs="intremap eim")
def interrupts(iommu: Iommu, vm: Domain) -> Iterator[Finding]:
    """
    What: `intremap` without `features.ioapic = qemu`, or `eim` without `intremap`.
    Why: libvirt 9.0.0 refuses both at define (virDomainDefIOMMUValidate, src/conf/domain_validate.c);
    10.10.0 sets the I/O APIC where nothing is said of it (qemuDomainDefEnableDefaultFeatures, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: IOMMU interrupt remapping requires split I/O APIC
    (ioapic driver='qemu').
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = q35; iommu { model = intel; intremap = true } }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          features { acpi = true; ioapic = qemu }
          iommu { model = intel; intremap = true }
        }
    """
    if iommu.intremap and not (vm.features is not None and vm.features.ioapic == "qemu"):
        yield Finding(
            ("iommu", iommu.label, "intremap"),
            "interrupt remapping needs the I/O APIC in QEMU",
            help="set features.ioapic = qemu",
            until="" if vm.features is not None and vm.features.ioapic else "10.10.0",
        )
    if iommu.eim and not iommu.intremap:
        yield Finding(("iommu", iommu.label, "eim"), "extended interrupts need intremap = true")


@rule(4872, "iommu-options", phase=Phase.DEFINE, needs="intremap caching_mode eim iotlb aw_bits address")
def options(iommu: Iommu) -> Iterator[Finding]:
    """
    What: Options of the intel IOMMU on smmuv3 or virtio, an address on intel or smmuv3, or an address of virtio that is not on PCI bus 0.
    Why: libvirt 9.0.0 refuses it at define (virDomainIOMMUDefValidate, src/conf/domain_validate.c; qemuValidateDomainDeviceDefIOMMU,
    src/qemu/qemu_validate.c; virDomainPCIAddressFlagsCompatible, src/conf/domain_addr.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: iommu model 'virtio' doesn't support additional attributes.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = q35; features.acpi = true; iommu { model = virtio; iotlb = true } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = q35; features.acpi = true; iommu { model = virtio } }
    """
    here = ("iommu", iommu.label)
    if iommu.model in ("smmuv3", "virtio"):
        for option in ("intremap", "caching_mode", "eim", "iotlb", "aw_bits"):
            if getattr(iommu, option) is not None:
                name = option.replace("_", "-")
                yield Finding((*here, name), f"{with_article(iommu.model)} IOMMU has no {name}")
    if iommu.address is None:
        return
    if iommu.model in ("intel", "smmuv3"):
        yield Finding((*here, "address"), f"an IOMMU of model {iommu.model} has no address")
    elif iommu.model == "virtio" and iommu.address.tag != "pci":
        yield Finding((*here, "address"), f"a virtio IOMMU has a pci address, not {iommu.address.tag}")
    elif isinstance(iommu.address, PciAddress) and iommu.address.bus:
        yield Finding((*here, "address"), f"a virtio IOMMU is on PCI bus 0, not {iommu.address.bus}")


@rule(4873, "iommu-vfio-caching-mode", phase=Phase.START, needs="model")
def vfio_caching_mode(iommu: Iommu, vm: Domain) -> Iterator[Finding]:
    """
    What: An intel IOMMU without `caching-mode`, and a PCI host device.
    Why: QEMU refuses VFIO devices then ("caching-mode=on" is required, hw/i386/intel_iommu.c of QEMU 7.2); libvirt 9.0.0 accepts it at
    define.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          iommu { model = intel }
          hostdev gpu { source = pci(0000:3b:00.0); managed = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          iommu { model = intel; caching-mode = true }
          hostdev gpu { source = pci(0000:3b:00.0); managed = true }
        }
    """
    if iommu.model != "intel" or iommu.caching_mode:
        return
    device = next((h for h in vm.hostdev if isinstance(h.source, PciHostdev)), None)
    if device is not None:
        yield Finding(
            ("iommu", iommu.label),
            f"hostdev {device.label} needs caching-mode = true of the IOMMU",
            labels=((("hostdev", device.label), "the host device"),),
        )
