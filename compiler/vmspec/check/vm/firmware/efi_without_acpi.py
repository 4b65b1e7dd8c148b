"""UEFI without ACPI, or on ARM the reverse."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import arch, has_acpi, is_qemu, is_x86


@rule(4607, "efi-without-acpi", phase=Phase.DEFINE)
def efi_without_acpi(vm: Domain) -> Iterator[Finding]:
    """
    What: UEFI firmware on x86 without `features.acpi`; or ACPI on aarch64 without UEFI.
    Why: libvirt 9.0.0 refuses both at define (qemuValidateDomainDef, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: UEFI requires ACPI on this architecture.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          firmware { type = efi }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          firmware { type = efi }
          features.acpi = true
        }
    """
    firmware = vm.firmware
    efi = firmware is not None and (firmware.type == "efi" or firmware.loader_type == "pflash")
    if efi and is_x86(vm) and not has_acpi(vm) and is_qemu(vm):
        yield Finding(("firmware",), "UEFI needs ACPI", help="set features.acpi = true")
    elif not efi and arch(vm) == "aarch64" and has_acpi(vm) and is_qemu(vm):
        yield Finding(("features", "acpi"), "ACPI on ARM needs UEFI", help="set firmware.type = efi")
