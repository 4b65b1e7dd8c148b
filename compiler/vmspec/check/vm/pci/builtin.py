"""Places of the chipset's own devices."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus
from vmspec.check.queries.pci import placed, show
from vmspec.check.queries.usb import is_disabled
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import PciAddress
from vmspec.model.domain import Domain
from vmspec.model.machine import is_i440fx, is_q35
from vmspec.model.pci_topology import IDE, ISA_BRIDGE, LPC_BRIDGE, PIIX_USB, POWER, SATA, SMBUS, builtin_place


@rule(4506, "builtin-slot", phase=Phase.DEFINE)
def builtin_slot(vm: Domain) -> Iterator[Finding]:
    """
    What: A device is at an address of the chipset: 00:01.0, 00:01.1 (with IDE), 00:01.2 (with its USB) and 00:01.3 of i440fx,
    00:1f.0, 00:1f.2 and 00:1f.3 of q35.
    Why: The ISA bridge, IDE, USB, SATA and SMBus functions are built in; libvirt 9.0.0 refuses others there at define
    (qemuDomainValidateDevicePCISlotsPIIX3 and …Q35, src/qemu/qemu_domain_address.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Attempted double use of PCI Address 0000:00:1f.0.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          disk vda { source = block("/dev/vg0/a"); address = pci(0000:00:1f.0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          disk vda { source = block("/dev/vg0/a"); address = pci(0000:00:05.0) }
        }
    """
    if is_i440fx(vm):
        taken = {ISA_BRIDGE: "the ISA bridge", POWER: "power management"}
        if any(bus(d) == "ide" for d in vm.disk) or any(c.type == "ide" for c in vm.controller):
            taken[IDE] = "the IDE controller"
        if not is_disabled(vm) and all(builtin_place(vm, c) for c in vm.controller if c.type == "usb" and not c.index):
            taken[PIIX_USB] = "the USB controller"
    elif is_q35(vm):
        taken = {LPC_BRIDGE: "the LPC bridge", SMBUS: "the SMBus"}
        if any(bus(d) == "sata" for d in vm.disk) or any(c.type == "sata" for c in vm.controller):
            taken[SATA] = "the SATA controller"
    else:
        return
    for device in placed(vm):
        own = isinstance(device.device, Controller) and (builtin_place(vm, device.device) is not None or _is_isa(device.device))
        if device.where in taken and not own and not device.address.domain:
            yield Finding(
                (*device.path, "address"), f"{device} is at {show(device.address)}, where {taken[device.where]} of the chipset is"
            )


def _is_isa(controller: Controller) -> bool:
    return controller.type == "isa" and not controller.index


@rule(4507, "builtin-moved", phase=Phase.DEFINE, needs="controller")
def builtin_moved(vm: Domain) -> Iterator[Finding]:
    """
    What: The first IDE controller of i440fx is not at 00:01.1, its built-in USB controller not at 00:01.2, or the first SATA controller of
    q35 not at 00:1f.2.
    Why: They are part of the chipset; libvirt 9.0.0 refuses other addresses at define (qemuDomainValidateDevicePCISlotsPIIX3 and …Q35,
    src/qemu/qemu_domain_address.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Primary SATA controller must have PCI address 0:0:1f.2.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          controller sata0 { type = sata; index = 0; address = pci(0000:00:08.0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
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
