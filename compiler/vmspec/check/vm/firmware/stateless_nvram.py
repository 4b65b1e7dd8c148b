"""Variables of a firmware that has none."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4605, "stateless-nvram", phase=Phase.DEFINE)
def stateless_nvram(vm: Domain) -> Iterator[Finding]:
    """
    What: `stateless = true` with nvram; or `stateless = false` for a firmware without variables.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefOSValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: NVRAM is not permitted when loader is stateless.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features.acpi = true
          firmware { type = efi; stateless = true; nvram { path = "/srv/a.fd" } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features.acpi = true
          firmware { type = efi; nvram { path = "/srv/a.fd" } }
        }
    """
    firmware = vm.firmware
    if firmware is None:
        return
    nvram = firmware.nvram
    named = nvram is not None and (nvram.path or nvram.template or nvram.source)
    if firmware.stateless and named:
        yield Finding(
            ("firmware", "nvram"), "a stateless firmware keeps no variables", labels=((("firmware", "stateless"), "stateless here"),)
        )
    elif firmware.stateless is False and (
        firmware.type == "bios" or (firmware.type is None and firmware.loader and firmware.loader_type != "pflash")
    ):
        yield Finding(("firmware", "stateless"), "only UEFI firmware keeps variables")
