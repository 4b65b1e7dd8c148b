"""A guarantee that QEMU does not know."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4218, "min-guarantee", phase=Phase.DEFINE)
def min_guarantee(vm: Domain) -> Iterator[Finding]:
    """
    What: `memory.min-guarantee` is set.
    Why: Only VMware and OpenVZ know it; libvirt 9.0.0 refuses it with QEMU at define (qemuValidateDomainDef, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Parameter 'min_guarantee' not supported by QEMU.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; min-guarantee = 512MiB }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB }
        }
    """
    if vm.memory is not None and vm.memory.min_guarantee and is_qemu(vm):
        yield Finding(("memory", "min-guarantee"), "QEMU knows no guaranteed memory", help="remove min-guarantee")
