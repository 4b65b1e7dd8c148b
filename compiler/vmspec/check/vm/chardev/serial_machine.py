"""A serial port of another machine."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_arm_virt, is_pseries, is_qemu, is_riscv_virt, is_s390, is_x86


@rule(4808, "serial-machine", phase=Phase.DEFINE)
def serial_machine(vm: Domain) -> Iterator[Finding]:
    """
    What: A serial port's target or model belongs to another architecture.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainChrDef, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Serial device with target type 'spapr-vio-serial' and
    target model 'spapr-vty' not compatible with guest architecture or machine type.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          serial { source = pty(); target = spapr-vio-serial }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          serial { source = pty(); target = isa-serial }
        }
    """
    for serial in vm.serial:
        here = ("serial", serial.label, "target" if serial.target else "model")
        wrong = (
            ((serial.target == "spapr-vio-serial" or serial.model == "spapr-vty") and not is_pseries(vm))
            or ((serial.target == "sclp-serial" or serial.model in ("sclpconsole", "sclplmconsole")) and not is_s390(vm))
            or (serial.model == "pl011" and not is_arm_virt(vm))
            or (serial.model == "16550a" and not is_riscv_virt(vm))
            or (serial.target == "isa-debug" and not is_x86(vm))
        )
        if wrong and is_qemu(vm):
            yield Finding(here, f"{describe(vm)} has no serial port {serial.model or serial.target}")
    if vm.parallel and (is_s390(vm) or is_pseries(vm)):
        yield Finding(("parallel", vm.parallel[0].label), f"{describe(vm)} has no parallel port")
