"""A boot loader of Xen."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4909, "bootloader", phase=Phase.DEFINE)
def bootloader(vm: Domain) -> Iterator[Finding]:
    """
    What: `boot.bootloader`, or its arguments, with QEMU.
    Why: A program on the host that finds the kernel is for Xen's paravirtual guests; libvirt 9.0.0 refuses it with QEMU at define
    (qemuValidateDomainDef, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: bootloader is not supported by QEMU.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          boot.bootloader = "/usr/bin/pygrub"
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          boot.kernel = "/boot/vmlinuz"
        }
    """
    boot = vm.boot
    if boot is None or not is_qemu(vm):
        return
    if boot.bootloader is not None:
        yield Finding(("boot", "bootloader"), "QEMU has no boot loader on the host", help="the guest boots by itself, or set boot.kernel")
    elif boot.bootloader_args is not None:
        yield Finding(("boot", "bootloader-args"), "QEMU has no boot loader on the host, and so no arguments of one")
