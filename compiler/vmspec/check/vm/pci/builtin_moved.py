"""A built-in controller at another address."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.pci import show
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.device import PciAddress
from vmspec.model.domain import Domain
from vmspec.model.pci_topology import builtin_place


@rule(4507, "builtin-moved", phase=Phase.DEFINE)
def builtin_moved(vm: Domain) -> Iterator[Finding]:
    """
    What: The first IDE controller of i440fx is not at 00:01.1, its built-in USB controller not at 00:01.2, or the first SATA controller of
    q35 not at 00:1f.2.
    Why: They are part of the chipset; libvirt 9.0.0 refuses other addresses at define (qemuDomainValidateDevicePCISlotsPIIX3 and …Q35,
    src/qemu/qemu_domain_address.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Primary SATA controller must have PCI address 0:0:1f.2.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          controller sata0 { type = sata; index = 0; address = pci(0000:00:08.0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          controller sata0 { type = sata; index = 0; address = pci(0000:00:1f.2) }
        }
    """
    for controller in vm.controller:
        right, at = builtin_place(vm, controller), controller.address
        if right is None or not isinstance(at, PciAddress) or not (at.bus or at.slot or at.domain):
            continue
        if (at.bus or 0, at.slot or 0, at.function or 0) != right:
            yield Finding(
                ("controller", controller.label, "address"),
                f"the built-in {controller.type} controller is at {right.bus:02x}:{right.slot:02x}.{right.function}, not {show(at)}",
            )
