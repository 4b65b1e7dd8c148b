"""What the firmware is told: SMBIOS, fw_cfg."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4628, "sysinfo-uuid", phase=Phase.DEFINE, needs="sysinfo")
def sysinfo_uuid(vm: Domain) -> Iterator[Finding]:
    """
    What: `sysinfo.system.uuid` is not the VM's UUID.
    Why: libvirt 9.0.0 refuses it at define (virSysinfoSystemParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: UUID mismatch between <uuid> and <sysinfo>.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; uuid = 11111111-2222-4333-8444-555555555555
          boot { smbios = sysinfo }
          sysinfo { system { uuid = "11111111-2222-4333-8444-000000000000" } }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; uuid = 11111111-2222-4333-8444-555555555555
          boot { smbios = sysinfo }
          sysinfo { system { serial = "A-1" } }
        }
    """
    own = (vm.sysinfo.system or {}).get("uuid") if vm.sysinfo is not None else None
    if isinstance(own, str) and vm.uuid and own.replace("-", "").strip().lower() != vm.uuid.replace("-", "").lower():
        yield Finding(("sysinfo", "system", "uuid"), f"{own} is not the VM's UUID {vm.uuid}", help="leave it out", instead=f'"{vm.uuid}"')


@rule(4629, "bios-date", phase=Phase.DEFINE, needs="sysinfo")
def bios_date(vm: Domain) -> Iterator[Finding]:
    """
    What: `sysinfo.bios.date` is not `mm/dd/yyyy` (or `mm/dd/yy`).
    Why: libvirt 9.0.0 refuses others at define (virSysinfoBIOSParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: Invalid BIOS 'date' format.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; boot { smbios = sysinfo }; sysinfo { bios { date = "2024-01-31" } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; boot { smbios = sysinfo }; sysinfo { bios { date = "01/31/2024" } } }
    """
    date = (vm.sysinfo.bios or {}).get("date") if vm.sysinfo is not None else None
    if not isinstance(date, str):
        return
    match = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})", date.strip())
    if match is None or not 1 <= int(match[1]) <= 12 or not 1 <= int(match[2]) <= 31 or (len(match[3]) == 4 and int(match[3]) < 1900):
        yield Finding(("sysinfo", "bios", "date"), f"{date!r} is not a date such as 01/31/2024")


@rule(4630, "fwcfg-name", phase=Phase.DEFINE, needs="sysinfo")
def fwcfg_name(vm: Domain) -> Iterator[Finding]:
    """
    What: A fw_cfg name does not begin with `opt/`, or begins with `opt/ovmf/` or `opt/org.qemu/`.
    Why: The rest is QEMU's; libvirt 9.0.0 refuses it at define (qemuValidateDomainDefSysinfo, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Invalid firmware name.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; sysinfo { fwcfg { "etc/test" = "1" } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; sysinfo { fwcfg { "opt/com.example/test" = "1" } } }
    """
    if vm.sysinfo is None:
        return
    for kind, names in (("fwcfg", vm.sysinfo.fwcfg), ("fwcfg-files", vm.sysinfo.fwcfg_files)):
        for name in names or ():
            if not name.startswith("opt/") or name.startswith(("opt/ovmf/", "opt/org.qemu/")):
                yield Finding(
                    ("sysinfo", kind, name), f"fw_cfg name {name} is QEMU's own", help="use opt/ and a domain of yours: opt/com.example/…"
                )
