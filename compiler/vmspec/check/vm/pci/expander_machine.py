"""An expander of another chipset."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_arm_virt, is_i440fx, is_q35


@rule(4511, "expander-machine", phase=Phase.DEFINE)
def expander_machine(vm: Domain) -> Iterator[Finding]:
    """
    What: `pci-expander-bus` on another machine than i440fx, or `pcie-expander-bus` on another than q35 (or ARM virt).
    Why: libvirt 9.0.0 refuses it at define (qemuDomainControllerDefPostParse, src/qemu/qemu_domain.c).
    Example:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          controller pxb1 { type = pci; model = pci-expander-bus; index = 9; target { bus-nr = 200 } }
        }
    Instead:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          controller pxb1 { type = pci; model = pcie-expander-bus; index = 9; address = pci(0000:00:05.0); target { bus-nr = 200 } }
        }
    """
    for controller in vm.controller:
        if controller.model == "pci-expander-bus" and not is_i440fx(vm):
            yield Finding(
                ("controller", controller.label, "model"),
                f"a pci-expander-bus needs i440fx, not {describe(vm)}",
                instead="pcie-expander-bus" if is_q35(vm) else None,
            )
        elif controller.model == "pcie-expander-bus" and not is_q35(vm) and not is_arm_virt(vm):
            yield Finding(("controller", controller.label, "model"), f"a pcie-expander-bus needs q35, not {describe(vm)}")
