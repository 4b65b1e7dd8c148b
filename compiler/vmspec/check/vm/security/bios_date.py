"""A BIOS date in another form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4629, "bios-date", phase=Phase.DEFINE)
def bios_date(vm: Domain) -> Iterator[Finding]:
    """
    What: `sysinfo.bios.date` is not `mm/dd/yyyy` (or `mm/dd/yy`).
    Why: libvirt 9.0.0 refuses others at define (virSysinfoBIOSParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: Invalid BIOS 'date' format.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          boot { smbios = sysinfo }
          sysinfo { bios { date = "2024-01-31" } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          boot { smbios = sysinfo }
          sysinfo { bios { date = "01/31/2024" } }
        }
    """
    date = (vm.sysinfo.bios or {}).get("date") if vm.sysinfo is not None else None
    if not isinstance(date, str):
        return
    match = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})", date.strip())
    if match is None or not 1 <= int(match[1]) <= 12 or not 1 <= int(match[2]) <= 31 or (len(match[3]) == 4 and int(match[3]) < 1900):
        yield Finding(("sysinfo", "bios", "date"), f"{date!r} is not a date such as 01/31/2024")
