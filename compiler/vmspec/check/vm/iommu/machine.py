"""An IOMMU of another machine."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.iommu import Iommu
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, has_acpi, is_arm_virt, is_q35


@rule(4870, "iommu-machine", phase=Phase.DEFINE)
def machine(iommu: Iommu, vm: Domain) -> Iterator[Finding]:
    """
    What: An intel IOMMU on another machine than q35, virtio on another than q35 or ARM virt, smmuv3 elsewhere than on ARM virt; or virtio
    without ACPI.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefIOMMU, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: IOMMU device: 'intel' is only supported with Q35
    machines.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = pc
          features.acpi = true
          iommu { model = intel }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features.acpi = true
          iommu { model = intel }
        }
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
