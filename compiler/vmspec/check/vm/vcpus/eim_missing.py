"""More than 255 vCPUs without long interrupt ids."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.cpus import max_vcpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_q35


@rule(4154, "eim-missing", phase=Phase.DEFINE)
def eim_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: More than 255 vCPUs on q35 without an IOMMU with `eim`.
    Why: An APIC id has 8 bits; beyond it interrupts must be remapped. libvirt 9.0.0 refuses it at define (qemuValidateDomainVCpuTopology,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: more than 255 vCPUs require extended interrupt mode
    enabled on the iommu device.
    Example:
        vm a {
          memory.size = 1GiB
          cpu { count = 280; mode = host-passthrough }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu { count = 280; mode = host-passthrough }
          features { acpi = true; ioapic = qemu }
          iommu { model = intel; intremap = true; eim = true }
        }
    """
    most = max_vcpus(vm)
    if most > 255 and is_q35(vm) and not any(i.eim for i in vm.iommu):
        yield Finding(
            ("cpu", "count"),
            f"{most} vCPUs need an IOMMU with extended interrupt mode",
            help="add iommu { model = intel; intremap = true; eim = true } and features.ioapic = qemu",
        )
