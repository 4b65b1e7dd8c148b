"""A PCI root of another chipset."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.pci import numbered
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_x86
from vmspec.model.pci_topology import ROOTS, root_model


@rule(4508, "root-model-mismatch", phase=Phase.DEFINE)
def root_model_mismatch(vm: Domain) -> Iterator[Finding]:
    """
    What: PCI controller 0 is pci-root on q35 or pcie-root on i440fx; or, of controllers without an index, the first is no root, or another
    is one.
    Why: The root is part of the machine type; libvirt 9.0.0 refuses another at define (qemuDomainDefAddDefaultDevices,
    src/qemu/qemu_domain.c; qemuDomainControllerDefPostParse of the same file).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: The PCI controller with index='0' must be model='pcie-root' for this
    machine type, but model='pci-root' was found instead.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          controller pci0 { type = pci; index = 0; model = pci-root }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          controller pci0 { type = pci; index = 0; model = pcie-root }
        }
    """
    right = root_model(vm) if is_x86(vm) else None
    if right is None:
        return
    for controller, index in numbered(vm):
        at = ("controller", controller.label, "model")
        root = controller.model in ROOTS
        if index == 0 and root and controller.model != right:
            yield Finding(at, f"{describe(vm)} has a {right}, not a {controller.model}", instead=right)
        elif controller.index is None and controller.model and root != (index == 0):
            first = "the first without an index" if index == 0 else "not the first without an index"
            yield Finding(at, f"a {controller.model} is PCI controller {index} here: it is {first}", help="write the index")
