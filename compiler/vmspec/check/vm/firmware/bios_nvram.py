"""Variables of a BIOS."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4606, "bios-nvram", phase=Phase.DEFINE)
def bios_nvram(vm: Domain) -> Iterator[Finding]:
    """
    What: `firmware.type = bios` with nvram.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefOSValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: firmware type 'bios' does not support nvram.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          firmware { type = bios; nvram { path = "/srv/a.fd" } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          firmware { type = bios }
        }
    """
    firmware = vm.firmware
    if firmware is not None and firmware.type == "bios" and firmware.nvram is not None and (firmware.nvram.path or firmware.nvram.source):
        yield Finding(("firmware", "nvram"), "a BIOS has no nvram", labels=((("firmware", "type"), "a BIOS"),))
