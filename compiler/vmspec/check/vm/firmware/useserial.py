"""A BIOS on a serial line that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_x86


@rule(4613, "useserial", phase=Phase.DEFINE)
def useserial(vm: Domain) -> Iterator[Finding]:
    """
    What: `firmware.useserial = true` without a serial port, or on another architecture than x86.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDef, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: need at least one serial port to use BIOS serial output.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          firmware { useserial = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          firmware { useserial = true }
          serial { source = pty() }
        }
    """
    if vm.firmware is not None and vm.firmware.useserial:
        if not is_x86(vm):
            yield Finding(("firmware", "useserial"), "only the BIOS of x86 speaks on the serial line")
        elif not vm.serial and not any(c.target in (None, "serial") for c in vm.console):
            yield Finding(
                ("firmware", "useserial"), "the BIOS speaks on a serial line, and the VM has none", help="add serial { source = pty() }"
            )
