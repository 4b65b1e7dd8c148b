"""Interrupt remapping without what it builds on."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.iommu import Iommu
from vmspec.model.domain import Domain


@rule(4871, "iommu-interrupts", phase=Phase.DEFINE)
def interrupts(iommu: Iommu, vm: Domain) -> Iterator[Finding]:
    """
    What: `intremap` without `features.ioapic = qemu`, or `eim` without `intremap`.
    Why: libvirt 9.0.0 refuses both at define (virDomainDefIOMMUValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: IOMMU interrupt remapping requires split I/O APIC
    (ioapic driver='qemu').
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          iommu { model = intel; intremap = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features { acpi = true; ioapic = qemu }
          iommu { model = intel; intremap = true }
        }
    """
    if iommu.intremap and not (vm.features is not None and vm.features.ioapic == "qemu"):
        yield Finding(
            ("iommu", iommu.label, "intremap"), "interrupt remapping needs the I/O APIC in QEMU", help="set features.ioapic = qemu"
        )
    if iommu.eim and not iommu.intremap:
        yield Finding(("iommu", iommu.label, "eim"), "extended interrupts need intremap = true")
