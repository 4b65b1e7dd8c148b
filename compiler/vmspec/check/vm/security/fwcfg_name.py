"""A firmware blob under a name that is taken."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4630, "fwcfg-name", phase=Phase.DEFINE)
def fwcfg_name(vm: Domain) -> Iterator[Finding]:
    """
    What: A fw_cfg name does not begin with `opt/`, or begins with `opt/ovmf/` or `opt/org.qemu/`.
    Why: The rest is QEMU's; libvirt 9.0.0 refuses it at define (qemuValidateDomainDefSysinfo, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Invalid firmware name.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          sysinfo { fwcfg { "etc/test" = "1" } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          sysinfo { fwcfg { "opt/com.example/test" = "1" } }
        }
    """
    if vm.sysinfo is None:
        return
    for kind, names in (("fwcfg", vm.sysinfo.fwcfg), ("fwcfg-files", vm.sysinfo.fwcfg_files)):
        for name in names or ():
            if not name.startswith("opt/") or name.startswith(("opt/ovmf/", "opt/org.qemu/")):
                yield Finding(
                    ("sysinfo", kind, name), f"fw_cfg name {name} is QEMU's own", help="use opt/ and a domain of yours: opt/com.example/…"
                )
