"""Features, and not ACPI."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu, is_x86


@rule(4705, "no-acpi", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def no_acpi(vm: Domain) -> Iterator[Finding]:
    """
    What: `features` of an x86 machine are listed, and `acpi` is not among them.
    Why: Without ACPI the guest does not notice a shutdown request, hotplug or NUMA cells (docs/formatdomain.rst 9.0.0, "acpi"); mostly the
    line was forgotten.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          features { apic = true; pae = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          features { acpi = true; apic = true; pae = true }
        }
    """
    features = vm.features
    if features is not None and features.acpi is None and (features.apic or features.pae) and is_x86(vm) and is_qemu(vm):
        yield Finding(("features",), "a guest without ACPI hears no shutdown request", help="set features.acpi = true")
