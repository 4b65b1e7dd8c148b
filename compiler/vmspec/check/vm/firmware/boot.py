"""Direct kernel boot and the boot menu."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu, is_x86
from vmspec.model.value import show_quantity


@rule(4609, "initrd-without-kernel", phase=Phase.ACCEPTED, severity=Severity.WARNING, needs="boot.initrd boot.cmdline")
def initrd_without_kernel(vm: Domain) -> Iterator[Finding]:
    """
    What: `boot.initrd`, `cmdline` or `dtb` without `boot.kernel`.
    Why: QEMU reads them for a kernel that it boots directly; libvirt accepts and ignores them otherwise (qemuBuildBootCommandLine,
    src/qemu/qemu_command.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; boot { initrd = "/boot/initrd.img" } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; boot { kernel = "/boot/vmlinuz"; initrd = "/boot/initrd.img" } }
    """
    boot = vm.boot
    if boot is not None and not boot.kernel and is_qemu(vm):
        for name, value in (("initrd", boot.initrd), ("cmdline", boot.cmdline)):
            if value:
                yield Finding(("boot", name), f"{name} has no effect without boot.kernel")


@rule(4610, "menu-timeout", phase=Phase.DEFINE, needs="boot.menu_timeout")
def menu_timeout(vm: Domain) -> Iterator[Finding]:
    """
    What: `boot.menu-timeout` is above 65535 ms with the menu on.
    Why: libvirt 9.0.0 refuses it at define ("invalid value for boot menu timeout, must be in range [0,65535]", virDomainDefBootValidate,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; boot { devices = [hd]; menu = true; menu-timeout = 70s } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; boot { devices = [hd]; menu = true; menu-timeout = 3s } }
    """
    boot = vm.boot
    if boot is not None and boot.menu and boot.menu_timeout and boot.menu_timeout > 65_535_000_000:
        yield Finding(("boot", "menu-timeout"), f"menu-timeout {show_quantity(boot.menu_timeout)} is above 65.535 s", instead="65s")


@rule(4613, "useserial", phase=Phase.DEFINE, needs="firmware.useserial")
def useserial(vm: Domain) -> Iterator[Finding]:
    """
    What: `firmware.useserial = true` without a serial port, or on another architecture than x86.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDef, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: need at least one serial port to use BIOS serial output.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; firmware { useserial = true } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; firmware { useserial = true }; serial { source = pty() } }
    """
    if vm.firmware is not None and vm.firmware.useserial:
        if not is_x86(vm):
            yield Finding(("firmware", "useserial"), "only the BIOS of x86 speaks on the serial line")
        elif not vm.serial and not any(c.target in (None, "serial") for c in vm.console):
            yield Finding(
                ("firmware", "useserial"), "the BIOS speaks on a serial line, and the VM has none", help="add serial { source = pty() }"
            )
