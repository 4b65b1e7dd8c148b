"""More vCPUs than the machine can have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmspec.check.queries.cpus import max_vcpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_i440fx, is_q35


@rule(4153, "machine-limit", phase=Phase.DEFINE)
def machine_limit(vm: Domain) -> Iterator[Finding]:
    """
    What: More than 255 vCPUs on i440fx, or more than 288 on q35 up to 8.x.
    Why: libvirt 9.0.0 asks QEMU for the machine's limit and refuses more at define (qemuValidateDomainVCpuTopology,
    src/qemu/qemu_validate.c); QEMU 7.2 says 255 for pc and 288 for q35 (hw/i386/pc_piix.c, pc_q35.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Maximum CPUs greater than specified machine type limit
    288.
    Example:
        vm a {
          memory.size = 1GiB
          cpu { count = 400; mode = host-passthrough }
          features { acpi = true; ioapic = qemu }
          iommu { model = intel; intremap = true; eim = true }
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
    limit = (
        255
        if is_i440fx(vm)
        else 288
        if is_q35(vm) and not re.match(r"pc-q35-(8\.[12]|9|1\d)", str(vm.machine))
        else 4096
        if is_q35(vm)
        else None
    )
    if limit is not None and most > limit:
        yield Finding(
            ("cpu", "max" if vm.cpu is not None and vm.cpu.max else "count"), f"{most} vCPUs are more than the {limit} of {describe(vm)}"
        )
