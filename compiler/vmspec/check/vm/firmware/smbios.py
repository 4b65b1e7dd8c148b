"""SMBIOS tables and where they come from."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4611, "smbios-sysinfo", phase=Phase.START, needs="boot.smbios")
def smbios_sysinfo(vm: Domain) -> Iterator[Finding]:
    """
    What: `boot.smbios = sysinfo` without `sysinfo`.
    Why: libvirt accepts it at define and fails to start ("Domain sysinfo are not available", qemuBuildSmbiosCommandLine,
    src/qemu/qemu_command.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it, and the start fails: XML error: Domain 'a' sysinfo are not available.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; boot { smbios = sysinfo } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; boot { smbios = sysinfo }; sysinfo { system { serial = "A-1" } } }
    """
    if vm.boot is not None and vm.boot.smbios == "sysinfo" and vm.sysinfo is None:
        yield Finding(("boot", "smbios"), "smbios = sysinfo, and there is no sysinfo", help="add sysinfo { system { … } }")


@rule(4612, "sysinfo-unused", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="sysinfo")
def sysinfo_unused(vm: Domain) -> Iterator[Finding]:
    """
    What: `sysinfo` has SMBIOS data and `boot.smbios` is not sysinfo.
    Why: QEMU then makes its own; libvirt keeps and ignores the rest (qemuBuildSmbiosCommandLine, src/qemu/qemu_command.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; sysinfo { system { serial = "A-1" } } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; boot { smbios = sysinfo }; sysinfo { system { serial = "A-1" } } }
    """
    info = vm.sysinfo
    if info is None or (vm.boot is not None and vm.boot.smbios == "sysinfo"):
        return
    if info.bios is not None or info.system is not None or info.base_board or info.chassis is not None or info.oem_strings:
        yield Finding(("sysinfo",), "the guest does not see these SMBIOS data", help="set boot.smbios = sysinfo")
