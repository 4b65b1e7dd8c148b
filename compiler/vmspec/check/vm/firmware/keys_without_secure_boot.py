"""Keys for a Secure Boot that is off."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4603, "keys-without-secure-boot", phase=Phase.DEFINE)
def keys_without_secure_boot(vm: Domain) -> Iterator[Finding]:
    """
    What: `enrolled-keys = true` with `secure-boot = false`.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefPostParseOs, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: firmware feature 'enrolled-keys' cannot be enabled when firmware feature 'secure-
    boot' is disabled.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features { acpi = true; smm { state = true } }
          firmware { type = efi; secure-boot = false; enrolled-keys = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features { acpi = true; smm { state = true } }
          firmware { type = efi; secure-boot = true; enrolled-keys = true }
        }
    """
    firmware = vm.firmware
    if firmware is not None and firmware.enrolled_keys and firmware.secure_boot is False:
        yield Finding(
            ("firmware", "enrolled-keys"),
            "keys are enrolled for a Secure Boot that is off",
            labels=((("firmware", "secure-boot"), "off here"),),
        )
