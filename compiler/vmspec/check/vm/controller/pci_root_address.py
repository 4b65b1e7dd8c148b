"""A PCI root with an address."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.controller import Controller


@rule(4514, "controller-pci-root-address", phase=Phase.DEFINE)
def pci_root_address(controller: Controller) -> Iterator[Finding]:
    """
    What: A pci-root or pcie-root controller has an address.
    Why: It is the bus that addresses begin at; libvirt 9.0.0 refuses it at define (virDomainControllerDefValidate,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: pci-root and pcie-root controllers should not have an
    address.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          controller pci0 { type = pci; index = 0; model = pcie-root; address = pci(0000:00:05.0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          controller pci0 { type = pci; index = 0; model = pcie-root }
        }
    """
    if controller.type == "pci" and controller.model in ("pci-root", "pcie-root") and controller.address is not None:
        yield Finding(("controller", controller.label, "address"), f"a {controller.model} has no address")
