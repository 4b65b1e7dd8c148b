"""An initial RAM disk for nobody."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4609, "initrd-without-kernel", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def initrd_without_kernel(vm: Domain) -> Iterator[Finding]:
    """
    What: `boot.initrd`, `cmdline` or `dtb` without `boot.kernel`.
    Why: QEMU reads them for a kernel that it boots directly; libvirt accepts and ignores them otherwise (qemuBuildBootCommandLine,
    src/qemu/qemu_command.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          boot { initrd = "/boot/initrd.img" }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          boot { kernel = "/boot/vmlinuz"; initrd = "/boot/initrd.img" }
        }
    """
    boot = vm.boot
    if boot is not None and not boot.kernel and is_qemu(vm):
        for name, value in (("initrd", boot.initrd), ("cmdline", boot.cmdline)):
            if value:
                yield Finding(("boot", name), f"{name} has no effect without boot.kernel")
