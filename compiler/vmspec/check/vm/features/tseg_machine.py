"""SMM memory of another chipset."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_q35
from vmspec.model.value import show_quantity


@rule(4701, "tseg-machine", phase=Phase.DEFINE)
def tseg_machine(vm: Domain) -> Iterator[Finding]:
    """
    What: `smm.tseg` on another machine than q35, or no whole number of MiB.
    Why: libvirt 9.0.0 refuses it at define (qemuDomainDefTsegPostParse, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: SMM TSEG is only supported with q35 machine type.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = pc
          features { acpi = true; smm { state = true; tseg = 48MiB } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          features { acpi = true; smm { state = true; tseg = 48MiB } }
        }
    """
    smm = vm.features.smm if vm.features is not None else None
    if smm is None or smm.state is False or smm.tseg is None:
        return
    if not is_q35(vm):
        yield Finding(("features", "smm", "tseg"), f"tseg needs q35, not {describe(vm)}")
    elif smm.tseg % (1 << 20):
        yield Finding(("features", "smm", "tseg"), f"tseg {show_quantity(smm.tseg)} is no whole number of MiB")
