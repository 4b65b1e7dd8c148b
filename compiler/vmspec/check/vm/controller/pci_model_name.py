"""A device that is no such controller."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.controller import Controller

_NAMES = {
    "pci-root": ("spapr-pci-host-bridge",),
    "pcie-root": (),
    "pci-bridge": ("pci-bridge",),
    "dmi-to-pci-bridge": ("i82801b11-bridge",),
    "pcie-to-pci-bridge": ("pcie-pci-bridge",),
    "pcie-root-port": ("pcie-root-port", "ioh3420"),
    "pcie-switch-upstream-port": ("x3130-upstream",),
    "pcie-switch-downstream-port": ("xio3130-downstream",),
    "pci-expander-bus": ("pxb",),
    "pcie-expander-bus": ("pxb-pcie",),
}


@rule(4516, "controller-pci-model-name", phase=Phase.DEFINE)
def pci_model_name(controller: Controller) -> Iterator[Finding]:
    """
    What: `model-name` of a PCI controller is not a device of its model.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefControllerPCI, src/qemu/qemu_validate.c).
    Example:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          controller spare { type = pci; index = 9; model = pcie-root-port; model-name = pxb-pcie; address = pci(0000:00:05.0) }
        }
    Instead:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          controller spare { type = pci; index = 9; model = pcie-root-port; model-name = pcie-root-port; address = pci(0000:00:05.0) }
        }
    """
    if controller.type == "pci" and controller.model and controller.model_name:
        names = _NAMES.get(controller.model, ())
        if controller.model_name not in names:
            yield Finding(
                ("controller", controller.label, "model-name"),
                f"{controller.model_name} is no {controller.model}",
                help=f"it is {' or '.join(names)}" if names else "leave it out",
                instead=names[0] if names else None,
            )
