"""SMBIOS data that are not there."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4611, "smbios-sysinfo", phase=Phase.START)
def smbios_sysinfo(vm: Domain) -> Iterator[Finding]:
    """
    What: `boot.smbios = sysinfo` without `sysinfo`.
    Why: libvirt accepts it at define and fails to start ("Domain sysinfo are not available", qemuBuildSmbiosCommandLine,
    src/qemu/qemu_command.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: XML error: Domain 'a' sysinfo are not available.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          boot { smbios = sysinfo }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          boot { smbios = sysinfo }
          sysinfo { system { serial = "A-1" } }
        }
    """
    if vm.boot is not None and vm.boot.smbios == "sysinfo" and vm.sysinfo is None:
        yield Finding(("boot", "smbios"), "smbios = sysinfo, and there is no sysinfo", help="add sysinfo { system { … } }")
