"""Attributes of a loader that is not named."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4604, "loader-missing", phase=Phase.DEFINE)
def loader_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: Loader attributes without `firmware.loader` and without `firmware.type`.
    Why: libvirt 9.0.0 refuses it at define ("no loader path specified and firmware auto selection disabled", virDomainDefOSValidate,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: no loader path specified and firmware auto selection disabled.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features.acpi = true
          firmware { loader-type = pflash; loader-readonly = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features.acpi = true
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
