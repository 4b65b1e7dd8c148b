"""Secure Boot on a machine that cannot protect it."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import arch, describe, is_q35, is_qemu


@rule(4608, "secure-loader", phase=Phase.DEFINE)
def secure_loader(vm: Domain) -> Iterator[Finding]:
    """
    What: `loader-secure = true` on another machine than x86_64 q35, or with a named loader and without SMM.
    Why: The variables are protected by System Management Mode; libvirt 9.0.0 refuses the rest at define (qemuValidateDomainDefBoot,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Secure boot requires SMM feature enabled.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features.acpi = true
          firmware { loader = "/usr/share/OVMF/OVMF_CODE.secboot.fd"; loader-type = pflash; loader-readonly = true; loader-secure = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
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
