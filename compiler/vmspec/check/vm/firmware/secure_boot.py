"""Secure Boot and enrolled keys."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4602, "features-without-auto", phase=Phase.DEFINE, needs="firmware.secure_boot firmware.enrolled_keys")
def features_without_auto(vm: Domain) -> Iterator[Finding]:
    """
    What: `secure-boot` or `enrolled-keys` is set, and `firmware.type` is not.
    Why: They select among descriptors; libvirt 9.0.0 refuses them for a firmware that is named at define (virDomainDefOSValidate,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: cannot use feature-based firmware autoselection when firmware autoselection is
    disabled.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          features { acpi = true; smm { state = true } }
          firmware { secure-boot = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
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


@rule(4616, "bios-secure-boot", phase=Phase.START, needs="firmware.type")
def bios_secure_boot(vm: Domain) -> Iterator[Finding]:
    """
    What: `firmware.type = bios` with `secure-boot = true` or `enrolled-keys = true`.
    Why: Both are features of UEFI. libvirt looks for a firmware that is a BIOS and has them, and finds none when the guest starts
    (qemuFirmwareMatchDomain, src/qemu/qemu_firmware.c 9.0.0). std.windows-guest sets both: beside `type = bios` they are unset.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it; start fails: Unable to find any firmware to satisfy 'bios'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; firmware { type = bios; secure-boot = true } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1; firmware { type = bios } }
    """
    firmware = vm.firmware
    if firmware is None or firmware.type != "bios":
        return
    wrong = [name for name, value in (("secure-boot", firmware.secure_boot), ("enrolled-keys", firmware.enrolled_keys)) if value]
    if wrong:
        yield Finding(
            ("firmware", "type"),
            f"a BIOS has no {' and no '.join(wrong)}",
            labels=tuple((("firmware", name), f"{name} is asked for here") for name in wrong),
            help="; ".join(f"`unset firmware.{name}`" for name in wrong),
        )


@rule(4603, "keys-without-secure-boot", phase=Phase.DEFINE, needs="firmware.enrolled_keys")
def keys_without_secure_boot(vm: Domain) -> Iterator[Finding]:
    """
    What: `enrolled-keys = true` with `secure-boot = false`.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefPostParseOs, src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: firmware feature 'enrolled-keys' cannot be enabled when firmware feature 'secure-
    boot' is disabled.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          features { acpi = true; smm { state = true } }
          firmware { type = efi; secure-boot = false; enrolled-keys = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
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
