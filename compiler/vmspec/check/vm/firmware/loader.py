"""The firmware's loader: named, or chosen by libvirt."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import arch, describe, has_acpi, is_q35, is_qemu, is_x86


@rule(4601, "auto-with-loader", phase=Phase.DEFINE, needs="firmware.type")
def auto_with_loader(vm: Domain) -> Iterator[Finding]:
    """
    What: `firmware.type` is set together with a loader, its type, `loader-readonly`, `loader-secure = false` or an nvram template.
    Why: With `firmware.type` libvirt chooses the files by their descriptors, and 9.0.0 refuses these attributes at define
    (virDomainDefOSValidate, src/conf/domain_validate.c). From 9.2.0 on it looks for the descriptor that fits them (NEWS.rst 9.2.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: loader attribute 'type' cannot be specified when firmware autoselection is
    enabled.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35; features.acpi = true
          firmware { type = efi; loader = "/usr/share/OVMF/OVMF_CODE_4M.fd" }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = q35; features.acpi = true; firmware { type = efi } }
    """
    firmware = vm.firmware
    if firmware is None or firmware.type is None:
        return
    given = {
        "loader": firmware.loader,
        "loader-type": firmware.loader_type,
        "loader-readonly": firmware.loader_readonly or None,
        "loader-secure": True if firmware.loader_secure is False else None,
    }
    for name, value in given.items():
        if value:
            yield Finding(
                ("firmware", name),
                f"libvirt chooses the {firmware.type} firmware itself, and refuses {name} beside it",
                labels=((("firmware", "type"), "chosen here"),),
                until="9.2.0",
            )
    if firmware.nvram is not None and firmware.nvram.template:
        yield Finding(
            ("firmware", "nvram", "template"),
            "libvirt chooses the nvram template together with the firmware",
            labels=((("firmware", "type"), "chosen here"),),
            until="9.2.0",
        )


@rule(4604, "loader-missing", phase=Phase.DEFINE, needs="firmware")
def loader_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: Loader attributes without `firmware.loader` and without `firmware.type`.
    Why: libvirt 9.0.0 refuses it at define ("no loader path specified and firmware auto selection disabled", virDomainDefOSValidate,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: no loader path specified and firmware auto selection disabled.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35; features.acpi = true
          firmware { loader-type = pflash; loader-readonly = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35; features.acpi = true
          firmware { loader = "/usr/share/OVMF/OVMF_CODE_4M.fd"; loader-type = pflash; loader-readonly = true }
        }
    """
    firmware = vm.firmware
    if firmware is None or firmware.type is not None or firmware.loader:
        return
    given = (
        ("loader-type", firmware.loader_type),
        ("loader-readonly", firmware.loader_readonly),
        ("loader-secure", firmware.loader_secure),
        ("stateless", firmware.stateless),
    )
    for name, value in given:
        if value is not None:
            yield Finding(
                ("firmware", name),
                f"{name} says something of a loader that is not named",
                help="set firmware.loader, or firmware.type = efi",
            )
            return
    if firmware.nvram is not None and (firmware.nvram.path or firmware.nvram.template or firmware.nvram.source):
        yield Finding(
            ("firmware", "nvram"), "nvram belongs to a firmware that is not named", help="set firmware.loader, or firmware.type = efi"
        )


@rule(4607, "efi-without-acpi", phase=Phase.DEFINE, needs="firmware features")
def efi_without_acpi(vm: Domain) -> Iterator[Finding]:
    """
    What: UEFI firmware on x86 without `features.acpi`; or ACPI on aarch64 without UEFI.
    Why: libvirt 9.0.0 refuses both at define (qemuValidateDomainDef, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: UEFI requires ACPI on this architecture.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = q35; firmware { type = efi } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = q35; firmware { type = efi }; features.acpi = true }
    """
    firmware = vm.firmware
    efi = firmware is not None and (firmware.type == "efi" or firmware.loader_type == "pflash")
    if efi and is_x86(vm) and not has_acpi(vm) and is_qemu(vm):
        yield Finding(("firmware",), "UEFI needs ACPI", help="set features.acpi = true")
    elif not efi and arch(vm) == "aarch64" and has_acpi(vm) and is_qemu(vm):
        yield Finding(("features", "acpi"), "ACPI on ARM needs UEFI", help="set firmware.type = efi")


@rule(4608, "secure-loader", phase=Phase.DEFINE, needs="firmware.loader_secure")
def secure_loader(vm: Domain) -> Iterator[Finding]:
    """
    What: `loader-secure = true` on another machine than x86_64 q35, or with a named loader and without SMM.
    Why: The variables are protected by System Management Mode; libvirt 9.0.0 refuses the rest at define (qemuValidateDomainDefBoot,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Secure boot requires SMM feature enabled.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35; features.acpi = true
          firmware { loader = "/usr/share/OVMF/OVMF_CODE.secboot.fd"; loader-type = pflash; loader-readonly = true; loader-secure = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          features { acpi = true; smm { state = true } }
          firmware { loader = "/usr/share/OVMF/OVMF_CODE.secboot.fd"; loader-type = pflash; loader-readonly = true; loader-secure = true }
        }
    """
    firmware = vm.firmware
    if firmware is None or not firmware.loader_secure or not is_qemu(vm):
        return
    # Without a state it is on (virDomainFeaturesDefParse, src/conf/domain_conf.c); an empty element is kept as XML.
    said = vm.features.smm if vm.features is not None else None
    smm = said.state is not False if said is not None else any("<smm/>" in part for part in vm.raw.values())
    if not is_q35(vm) or arch(vm) != "x86_64":
        yield Finding(("firmware", "loader-secure"), f"Secure Boot needs q35 on x86_64, not {describe(vm)}")
    elif firmware.type is None and not smm:
        yield Finding(("firmware", "loader-secure"), "Secure Boot needs System Management Mode", help="set features.smm.state = true")


@rule(4909, "bootloader", phase=Phase.DEFINE, needs="boot.bootloader boot.bootloader_args")
def bootloader(vm: Domain) -> Iterator[Finding]:
    """
    What: `boot.bootloader`, or its arguments, with QEMU.
    Why: A program on the host that finds the kernel is for Xen's paravirtual guests; libvirt 9.0.0 refuses it with QEMU at define
    (qemuValidateDomainDef, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: bootloader is not supported by QEMU.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; boot.bootloader = "/usr/bin/pygrub" }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; boot.kernel = "/boot/vmlinuz" }
    """
    boot = vm.boot
    if boot is None or not is_qemu(vm):
        return
    if boot.bootloader is not None:
        yield Finding(("boot", "bootloader"), "QEMU has no boot loader on the host", help="the guest boots by itself, or set boot.kernel")
    elif boot.bootloader_args is not None:
        yield Finding(("boot", "bootloader-args"), "QEMU has no boot loader on the host, and so no arguments of one")
