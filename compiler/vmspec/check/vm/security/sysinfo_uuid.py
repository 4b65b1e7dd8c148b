"""A UUID that is not the machine's."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4628, "sysinfo-uuid", phase=Phase.DEFINE)
def sysinfo_uuid(vm: Domain) -> Iterator[Finding]:
    """
    What: `sysinfo.system.uuid` is not the VM's UUID.
    Why: libvirt 9.0.0 refuses it at define (virSysinfoSystemParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: UUID mismatch between <uuid> and <sysinfo>.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          uuid = 11111111-2222-4333-8444-555555555555
          boot { smbios = sysinfo }
          sysinfo { system { uuid = "11111111-2222-4333-8444-000000000000" } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          uuid = 11111111-2222-4333-8444-555555555555
          boot { smbios = sysinfo }
          sysinfo { system { serial = "A-1" } }
        }
    """
    own = (vm.sysinfo.system or {}).get("uuid") if vm.sysinfo is not None else None
    if isinstance(own, str) and vm.uuid and own.replace("-", "").strip().lower() != vm.uuid.replace("-", "").lower():
        yield Finding(("sysinfo", "system", "uuid"), f"{own} is not the VM's UUID {vm.uuid}", help="leave it out", instead=f'"{vm.uuid}"')
