"""A 64-bit window of a bus that has none."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.controller import Controller
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_i440fx, is_q35


@rule(4521, "controller-pcihole-machine", phase=Phase.DEFINE)
def pcihole_machine(controller: Controller, vm: Domain) -> Iterator[Finding]:
    """
    What: `pcihole64` on a controller that is not the PCI root of i440fx or q35.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefControllerPCI, src/qemu/qemu_validate.c).
    Example:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          controller spare { type = pci; index = 9; model = pcie-root-port; address = pci(0000:00:05.0); pcihole64 = 1GiB }
        }
    Instead:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          controller pci0 { type = pci; index = 0; model = pcie-root; pcihole64 = 1GiB }
        }
    """
    if controller.pcihole64 is None or controller.type != "pci":
        return
    fits = (controller.model == "pci-root" and is_i440fx(vm)) or (controller.model == "pcie-root" and is_q35(vm))
    if not fits and controller.model:
        yield Finding(
            ("controller", controller.label, "pcihole64"), f"a {controller.model} of {describe(vm)} has no 64-bit window of its own"
        )
