"""An option that this IOMMU does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.device import PciAddress
from vmspec.model.devices.iommu import Iommu


@rule(4872, "iommu-options", phase=Phase.DEFINE)
def options(iommu: Iommu) -> Iterator[Finding]:
    """
    What: Options of the intel IOMMU on smmuv3 or virtio, an address on intel or smmuv3, or an address of virtio that is not on PCI bus 0.
    Why: libvirt 9.0.0 refuses it at define (virDomainIOMMUDefValidate, src/conf/domain_validate.c; qemuValidateDomainDeviceDefIOMMU,
    src/qemu/qemu_validate.c; virDomainPCIAddressFlagsCompatible, src/conf/domain_addr.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: iommu model 'virtio' doesn't support additional attributes.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features.acpi = true
          iommu { model = virtio; iotlb = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features.acpi = true
          iommu { model = virtio }
        }
    """
    here = ("iommu", iommu.label)
    if iommu.model in ("smmuv3", "virtio"):
        for option in ("intremap", "caching_mode", "eim", "iotlb", "aw_bits"):
            if getattr(iommu, option) is not None:
                name = option.replace("_", "-")
                yield Finding((*here, name), f"a {iommu.model} IOMMU has no {name}")
    if iommu.address is None:
        return
    if iommu.model in ("intel", "smmuv3"):
        yield Finding((*here, "address"), f"an IOMMU of model {iommu.model} has no address")
    elif iommu.model == "virtio" and iommu.address.tag != "pci":
        yield Finding((*here, "address"), f"a virtio IOMMU has a pci address, not {iommu.address.tag}")
    elif isinstance(iommu.address, PciAddress) and iommu.address.bus:
        yield Finding((*here, "address"), f"a virtio IOMMU is on PCI bus 0, not {iommu.address.bus}")
