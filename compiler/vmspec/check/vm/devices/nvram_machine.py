"""An NVRAM of another machine."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_pseries, is_qemu


@rule(4545, "nvram-machine", phase=Phase.DEFINE)
def nvram_machine(vm: Domain) -> Iterator[Finding]:
    """
    What: `nvram` on another machine than pSeries.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefNVRAM, src/qemu/qemu_validate.c). The variables of UEFI are
    `firmware.nvram`.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: nvram device is only supported for PPC64.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          nvram { address = spapr-vio(0x3000) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
        }
    """
    if vm.nvram is not None and not is_pseries(vm) and is_qemu(vm):
        yield Finding(("nvram",), f"{describe(vm)} has no such device", help="UEFI's variables are firmware.nvram")
