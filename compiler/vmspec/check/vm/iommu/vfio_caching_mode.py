"""Host devices behind an IOMMU that does not tell."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.hostdev import PciHostdev
from vmspec.model.devices.iommu import Iommu
from vmspec.model.domain import Domain


@rule(4873, "iommu-vfio-caching-mode", phase=Phase.START)
def vfio_caching_mode(iommu: Iommu, vm: Domain) -> Iterator[Finding]:
    """
    What: An intel IOMMU without `caching-mode`, and a PCI host device.
    Why: QEMU refuses VFIO devices then ("caching-mode=on" is required, hw/i386/intel_iommu.c of QEMU 7.2); libvirt 9.0.0 accepts it at
    define.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          iommu { model = intel }
          hostdev gpu { source = pci(0000:3b:00.0); managed = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
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
