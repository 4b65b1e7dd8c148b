"""Wishes for a firmware that is not chosen."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4602, "features-without-auto", phase=Phase.DEFINE)
def features_without_auto(vm: Domain) -> Iterator[Finding]:
    """
    What: `secure-boot` or `enrolled-keys` is set, and `firmware.type` is not.
    Why: They select among descriptors; libvirt 9.0.0 refuses them for a firmware that is named at define (virDomainDefOSValidate,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: cannot use feature-based firmware autoselection when firmware autoselection is
    disabled.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features { acpi = true; smm { state = true } }
          firmware { secure-boot = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features { acpi = true; smm { state = true } }
          firmware { type = efi; secure-boot = true }
        }
    """
    firmware = vm.firmware
    if firmware is None or firmware.type is not None:
        return
    for name, value in (("secure-boot", firmware.secure_boot), ("enrolled-keys", firmware.enrolled_keys)):
        if value is not None:
            yield Finding(
                ("firmware", name),
                f"{name} selects a firmware, and firmware.type does not say that one is to be chosen",
                help="set firmware.type = efi",
            )
