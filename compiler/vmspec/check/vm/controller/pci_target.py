"""A PCI target that the controller does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.controller import Controller

_HAVE = {
    "pcie-root-port": ("chassis", "port", "hotplug"),
    "pcie-switch-downstream-port": ("chassis", "port", "hotplug"),
    "pci-bridge": ("chassis_nr",),
    "pci-expander-bus": ("bus_nr", "node"),
    "pcie-expander-bus": ("bus_nr", "node"),
    "pci-root": ("index", "node", "hotplug"),
}
_RANGES = {"chassis_nr": (1, 255), "bus_nr": (1, 254), "index": (0, 30)}


@rule(4517, "controller-pci-target", phase=Phase.DEFINE)
def pci_target(controller: Controller) -> Iterator[Finding]:
    """
    What: `chassis`, `port`, `chassis-nr`, `bus-nr`, `node`, `index` or `hotplug` on a PCI controller that has none, or out of range.
    Why: Ports have chassis, port and hotplug, bridges a chassis number, expanders a bus number and a cell, pSeries host bridges an index;
    libvirt 9.0.0 refuses others at define (qemuValidateDomainDeviceDefControllerPCI, src/qemu/qemu_validate.c;
    virDomainControllerDefValidate, src/conf/domain_validate.c).
    Example:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          controller spare { type = pci; index = 9; model = pcie-root-port; address = pci(0000:00:05.0); target { bus-nr = 200 } }
        }
    Instead:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          controller p1 { type = pci; index = 9; model = pcie-root-port; address = pci(0000:00:05.0); target { chassis = 1; port = 0x28 } }
        }
    """
    target = controller.target
    if target is None or controller.type != "pci" or not controller.model:
        return
    have = _HAVE.get(controller.model, ())
    for option in ("chassis", "port", "chassis_nr", "bus_nr", "node", "index", "hotplug"):
        value = getattr(target, option)
        if value is None:
            continue
        name = option.replace("_", "-")
        here = ("controller", controller.label, "target", name)
        low, high = _RANGES.get(option, (0, 255))
        if option not in have:
            yield Finding(here, f"a {controller.model} has no {name}")
        elif option in _RANGES and not low <= value <= high:
            yield Finding(here, f"{name} {value} is not from {low} to {high}")
        elif option == "index" and (value == 0) != (controller.index == 0):
            yield Finding(here, "only the host bridge with index 0 has target index 0")
