"""PCI addresses of devices."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.article import with_article
from vmspec.base.diagnostic import Severity
from vmspec.check.queries.addresses import misfit
from vmspec.check.queries.pci import PlacedDevice, bus_model, buses, describe_plug, placed, show
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.channel import Channel
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import Unassigned
from vmspec.model.devices.hostdev import Hostdev
from vmspec.model.devices.hub import Hub
from vmspec.model.domain import Domain
from vmspec.model.machine import arch, describe, is_i440fx, is_known, is_qemu, is_x86, machine
from vmspec.model.pci_topology import BUSES, ROOTS, grown_bus, plug, root_model, takes
from vmspec.model.walk import distinct_devices


@rule(4500, "pci-bus-none", phase=Phase.DEFINE, needs="machine")
def pci_bus_none(vm: Domain) -> Iterator[Finding]:
    """
    What: The machine is a PC other than q35 and i440fx, such as microvm, and the guest has devices on PCI; libvirt adds a memory balloon
    and, but for isapc, a USB controller where nothing is said.
    Why: libvirt knows the PCI bus of those two only (qemuDomainDefAddDefaultDevices and qemuDomainAssignPCIAddresses, src/qemu of 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: No PCI buses available.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 1; machine = microvm }
    Instead:
        vm a {
          memory { size = 1GiB; balloon.model = none }; cpu.count = 1; machine = microvm
          controller usb0 { type = usb; model = none }
        }
    """
    if vm.machine is None or not is_x86(vm) or not is_qemu(vm) or root_model(vm) is not None or not is_known(str(vm.machine), arch(vm)):
        return
    there = [" ".join(path) for path, device in distinct_devices(vm) if plug(device) is not None]
    if vm.memory is None or vm.memory.balloon is None:
        there.append("a memory balloon")
    if machine(vm) != "isapc" and not any(controller.type == "usb" for controller in vm.controller):
        there.append("a USB controller")
    if there:
        without = "`memory.balloon.model = none` and `controller usb0 { type = usb; model = none }` leave those out that libvirt adds"
        yield Finding(("machine",), f"libvirt knows no PCI bus of {describe(vm)}, and puts {', '.join(there)} on one", help=without)


@rule(4501, "duplicate-address", phase=Phase.DEFINE)
def duplicate_address(vm: Domain) -> Iterator[Finding]:
    """
    What: Two devices have the same PCI address.
    Why: libvirt 9.0.0 refuses it at define ("Attempted double use of PCI Address", virDomainPCIAddressReserveAddrInternal,
    src/conf/domain_addr.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Attempted double use of PCI Address 0000:00:05.0.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); address = pci(0000:00:05.0) }
          interface eth0 { source = bridge("br0"); address = pci(0000:00:05.0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); address = pci(0000:00:05.0) }
          interface eth0 { source = bridge("br0"); address = pci(0000:00:06.0) }
        }
    """
    seen: dict[tuple[int, int, int, int], PlacedDevice] = {}
    for device in placed(vm):
        key = (device.address.domain or 0, *device.where)
        first = seen.setdefault(key, device)
        if first is not device:
            yield Finding(
                (*device.path, "address"),
                f"{first} and {device} are both at {show(device.address)}",
                labels=(((*first.path, "address"), "the first"),),
            )


@rule(4502, "domain-zero", phase=Phase.DEFINE)
def domain_zero(vm: Domain) -> Iterator[Finding]:
    """
    What: A device's PCI address has another domain than 0.
    Why: QEMU's machines for x86 have one PCI domain; libvirt 9.0.0 refuses others at define (virDomainPCIAddressValidate,
    src/conf/domain_addr.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Invalid PCI address 0001:00:05.0. Only PCI domain 0 is available.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); address = pci(0001:00:05.0) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); address = pci(0000:00:05.0) } }
    """
    if root_model(vm) is None:
        return
    for device in placed(vm):
        if device.address.domain:
            yield Finding((*device.path, "address"), f"{device} is in PCI domain {device.address.domain}, and the guest has only 0")


@rule(4503, "slot-range", phase=Phase.DEFINE)
def slot_range(vm: Domain) -> Iterator[Finding]:
    """
    What: A device is in slot 0 of a root or bridge, or in another slot than 0 of a root port; a bus that is not written counts as
    what libvirt adds for the device.
    Why: Slot 0 of a bus belongs to the bus itself, and a port has one slot; libvirt 9.0.0 refuses others at define
    (virDomainPCIAddressValidate, src/conf/domain_addr.c).
    Example:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
          controller spare { type = pci; model = pcie-root-port; index = 9; address = pci(0000:00:05.0) }
          disk vda { source = block("/dev/vg0/a"); target = vda; bus = virtio; address = pci(0000:09:02.0) }
        }
    Instead:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
          controller spare { type = pci; model = pcie-root-port; index = 9; address = pci(0000:00:05.0) }
          disk vda { source = block("/dev/vg0/a"); target = vda; bus = virtio; address = pci(0000:09:00.0) }
        }
    """
    if not placed(vm):
        return
    there = buses(vm)
    for device in placed(vm):
        number, slot, _ = device.where
        model = bus_model(vm, there[number]) if number in there else grown_bus(vm, device.device)
        if model is None:
            continue
        first, last = (BUSES[model].first, BUSES[model].last) if model in BUSES else (0, 31)
        if not first <= slot <= last:
            slots = f"slots {first} to {last}" if last else "slot 0 only"
            message = f"{device} is in slot {slot} of bus {number}, {with_article(model)}, which has {slots}"
            yield Finding((*device.path, "address"), message)


@rule(4504, "wrong-bus", phase=Phase.DEFINE)
def wrong_bus(vm: Domain) -> Iterator[Finding]:
    """
    What: A PCI controller or device sits on a controller that does not take its kind.
    Why: A root port plugs into a root, a switch's ports into one another, an expander into the root; libvirt 9.0.0 refuses other pairs at
    define (virDomainPCIAddressFlagsCompatible, src/conf/domain_addr.c).
    Example:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
          controller spare { type = pci; model = pcie-root-port; index = 9; address = pci(0000:00:05.0) }
          controller more { type = pci; model = pcie-root-port; index = 10; address = pci(0000:09:00.0) }
        }
    Instead:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
          controller spare { type = pci; model = pcie-root-port; index = 9; address = pci(0000:00:05.0) }
          controller more { type = pci; model = pcie-root-port; index = 10; address = pci(0000:00:06.0) }
        }
    """
    if not placed(vm) or root_model(vm) is None:
        return
    there = buses(vm)
    for device in placed(vm):
        number = device.address.bus or 0
        if device.address.domain or number not in there or describe_plug(device.device) in ROOTS:
            continue
        model = bus_model(vm, there[number])
        what = describe_plug(device.device)
        if model is not None and not takes(model, device.device):
            host = there[number]
            labels = ((("controller", host.label), "the bus"),) if host is not None else ()
            yield Finding((*device.path, "address"), f"{device}, {what}, cannot be on bus {number}, {with_article(model)}", labels=labels)


@rule(4505, "unknown-bus", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def unknown_bus(vm: Domain) -> Iterator[Finding]:
    """
    What: A device is on a PCI bus for which there is no controller.
    Why: libvirt adds that controller and all with a lower number (virDomainPCIAddressSetGrow, src/conf/domain_addr.c 9.0.0): the guest gets
    hardware that nobody wrote.
    Example:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); target = vda; bus = virtio; address = pci(0000:05:00.0) }
        }
    Instead:
        vm a {
          resolve = false; machine = pc-q35-7.2; memory.size = 1GiB; cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); target = vda; bus = virtio; address = pci(0000:00:05.0) }
        }
    """
    if not placed(vm) or root_model(vm) is None:
        return
    there = buses(vm)
    for device in placed(vm):
        number = device.address.bus or 0
        if number not in there:
            yield Finding((*device.path, "address"), f"{device} is on PCI bus {number}, which has no controller")


@rule(4512, "function-without-zero", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def function_without_zero(vm: Domain) -> Iterator[Finding]:
    """
    What: A device is at a function above 0, and nothing is at function 0 of its slot.
    Why: Guests look at function 0 first and take the slot for empty without it (PCI Local Bus Specification 3.0, 3.2.2.3.4); libvirt
    accepts it.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          disk vda { source = block("/dev/vg0/a"); address = pci(0000:00:05.1) }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          disk vda { source = block("/dev/vg0/a"); address = pci(0000:00:05.0) }
        }
    """
    heads = {(d.address.bus or 0, d.address.slot or 0) for d in placed(vm) if not d.address.function}
    for device in placed(vm):
        slot = (device.address.bus or 0, device.address.slot or 0)
        builtin = slot in ((0, 1), (0, 31)) and is_x86(vm)
        if device.address.function and slot not in heads and not builtin:
            yield Finding(
                (*device.path, "address"), f"{device} is at function {device.address.function}, and nothing is at function 0 of its slot"
            )


@rule(4513, "unassigned-address", phase=Phase.DEFINE)
def unassigned_address(vm: Domain) -> Iterator[Finding]:
    """
    What: A device that is no host device has the address `unassigned`.
    Why: libvirt 9.0.0 refuses it at define (virDomainDeviceInfoValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: virtio disk cannot have an address of type
    'unassigned'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); address = unassigned() } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a") } }
    """
    for path, device in distinct_devices(vm):
        elsewhere = isinstance(device, (Hostdev, Channel, Hub)) or (isinstance(device, Controller) and _is_of_chipset(device, vm))
        if isinstance(device.address, Unassigned) and not elsewhere and not misfit(device):
            yield Finding((*path, "address"), "only a host device can be unassigned")


def _is_of_chipset(controller: Controller, vm: Domain) -> bool:
    """The IDE and the first USB controller of the PIIX3, which libvirt puts where they are, whatever is said
    (qemuDomainValidateDevicePCISlotsPIIX3, src/qemu/qemu_domain_address.c 9.0.0; seen with 12.9.0)."""
    piix = controller.type == "ide" or (controller.type == "usb" and controller.model in (None, "piix3-uhci"))
    return piix and not controller.index and is_i440fx(vm)
