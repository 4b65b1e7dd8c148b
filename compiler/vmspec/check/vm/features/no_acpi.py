"""A PC without ACPI."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.read.machine import has_acpi, is_qemu, is_x86
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4705, "no-acpi", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def no_acpi(vm: Domain) -> Iterator[Finding]:
    """
    What: An x86 machine without `features.acpi`.
    Why: Without ACPI the guest does not notice a shutdown request, hotplug or NUMA cells (docs/formatdomain.rst 9.0.0, "acpi"); mostly the
    line was forgotten.
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 1
        }
    Instead:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 1
          features { acpi = true }
        }
    """
    if is_x86(vm) and not has_acpi(vm) and is_qemu(vm):
        yield Finding(("features",), "a guest without ACPI hears no shutdown request", help="set features.acpi = true")
