"""PCI controllers: indexes, models and targets."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.controller import Controller
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_i440fx, is_pseries, is_q35


@rule(4514, "controller-pci-root-address", phase=Phase.DEFINE, needs="address")
def pci_root_address(controller: Controller) -> Iterator[Finding]:
    """
    What: A pci-root or pcie-root controller has an address.
    Why: It is the bus that addresses begin at; libvirt 9.0.0 refuses it at define (virDomainControllerDefValidate,
    src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: pci-root and pcie-root controllers should not have an
    address.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          controller pci0 { type = pci; index = 0; model = pcie-root; address = pci(0000:00:05.0) }
        }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; machine = q35; controller pci0 { type = pci; index = 0; model = pcie-root } }
    """
    if controller.type == "pci" and controller.model in ("pci-root", "pcie-root") and controller.address is not None:
        yield Finding(("controller", controller.label, "address"), f"{with_article(controller.model)} has no address")


@rule(4515, "controller-pci-index", phase=Phase.DEFINE, needs="index")
def pci_index(controller: Controller, vm: Domain) -> Iterator[Finding]:
    """
    What: A PCI root whose index is not 0, another PCI controller whose index is 0, or an index above 255.
    Why: Bus 0 is the root; libvirt 9.0.0 refuses others at define (qemuDomainControllerDefPostParse, src/qemu/qemu_domain.c;
    qemuValidateDomainDeviceDefControllerPCI, src/qemu/qemu_validate.c; virDomainControllerDefValidate, src/conf/domain_validate.c).
    Example:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
          controller port0 { type = pci; index = 0; model = pcie-root-port; address = pci(0000:00:05.0) }
        }
    Instead:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
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
        yield Finding(here, f"{with_article(controller.model)} has index 0, not {controller.index}", instead="0")
    elif not root and not controller.index:
        yield Finding(here, f"index 0 is the PCI root's, not {with_article(controller.model)}'s")


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


@rule(4516, "controller-pci-model-name", phase=Phase.DEFINE, needs="model_name")
def pci_model_name(controller: Controller) -> Iterator[Finding]:
    """
    What: `model-name` of a PCI controller is not a device of its model.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefControllerPCI, src/qemu/qemu_validate.c).
    Example:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
          controller spare { type = pci; index = 9; model = pcie-root-port; model-name = pxb-pcie; address = pci(0000:00:05.0) }
        }
    Instead:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
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


_HAVE = {
    "pcie-root-port": ("chassis", "port", "hotplug"),
    "pcie-switch-downstream-port": ("chassis", "port", "hotplug"),
    "pci-bridge": ("chassis_nr",),
    "pci-expander-bus": ("bus_nr", "node"),
    "pcie-expander-bus": ("bus_nr", "node"),
    "pci-root": ("index", "node", "hotplug"),
}
_RANGES = {"chassis_nr": (1, 255), "bus_nr": (1, 254), "index": (0, 30)}


@rule(4517, "controller-pci-target", phase=Phase.DEFINE, needs="target")
def pci_target(controller: Controller) -> Iterator[Finding]:
    """
    What: `chassis`, `port`, `chassis-nr`, `bus-nr`, `node`, `index` or `hotplug` on a PCI controller that has none, or out of range.
    Why: Ports have chassis, port and hotplug, bridges a chassis number, expanders a bus number and a cell, pSeries host bridges an index;
    libvirt 9.0.0 refuses others at define (qemuValidateDomainDeviceDefControllerPCI, src/qemu/qemu_validate.c;
    virDomainControllerDefValidate, src/conf/domain_validate.c).
    Example:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
          controller spare { type = pci; index = 9; model = pcie-root-port; address = pci(0000:00:05.0); target { bus-nr = 200 } }
        }
    Instead:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
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
            yield Finding(here, f"{with_article(controller.model)} has no {name}")
        elif option in _RANGES and not low <= value <= high:
            yield Finding(here, f"{name} {value} is not from {low} to {high}")
        elif option == "index" and (value == 0) != (controller.index == 0):
            yield Finding(here, "only the host bridge with index 0 has target index 0")


@rule(4521, "controller-pcihole-machine", phase=Phase.DEFINE, needs="pcihole64")
def pcihole_machine(controller: Controller, vm: Domain) -> Iterator[Finding]:
    """
    What: `pcihole64` on a controller that is not the PCI root of i440fx or q35.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefControllerPCI, src/qemu/qemu_validate.c).
    Example:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
          controller spare { type = pci; index = 9; model = pcie-root-port; address = pci(0000:00:05.0); pcihole64 = 1GiB }
        }
    Instead:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
          controller pci0 { type = pci; index = 0; model = pcie-root; pcihole64 = 1GiB }
        }
    """
    if controller.pcihole64 is None or controller.type != "pci":
        return
    fits = (controller.model == "pci-root" and is_i440fx(vm)) or (controller.model == "pcie-root" and is_q35(vm))
    if not fits and controller.model:
        yield Finding(
            ("controller", controller.label, "pcihole64"),
            f"{with_article(controller.model)} of {describe(vm)} has no 64-bit window of its own",
        )
