"""A PCI controller under the wrong number."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.controller import Controller
from vmspec.model.domain import Domain
from vmspec.model.machine import is_pseries


@rule(4515, "controller-pci-index", phase=Phase.DEFINE)
def pci_index(controller: Controller, vm: Domain) -> Iterator[Finding]:
    """
    What: A PCI root whose index is not 0, another PCI controller whose index is 0, or an index above 255.
    Why: Bus 0 is the root; libvirt 9.0.0 refuses others at define (qemuDomainControllerDefPostParse, src/qemu/qemu_domain.c;
    qemuValidateDomainDeviceDefControllerPCI, src/qemu/qemu_validate.c; virDomainControllerDefValidate, src/conf/domain_validate.c).
    Example:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          controller port0 { type = pci; index = 0; model = pcie-root-port; address = pci(0000:00:05.0) }
        }
    Instead:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          controller spare { type = pci; index = 9; model = pcie-root-port; address = pci(0000:00:05.0) }
        }
    """
    if controller.type != "pci" or controller.index is None or not controller.model:
        return
    here = ("controller", controller.label, "index")
    root = controller.model in ("pci-root", "pcie-root")
    if controller.index > 255:
        yield Finding(here, f"PCI controllers are numbered up to 255, not {controller.index}")
    elif root and controller.index and not is_pseries(vm):
        yield Finding(here, f"a {controller.model} has index 0, not {controller.index}", instead="0")
    elif not root and not controller.index:
        yield Finding(here, f"index 0 is the PCI root's, not a {controller.model}'s")
