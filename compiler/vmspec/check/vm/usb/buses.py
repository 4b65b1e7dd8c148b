"""USB buses, ports and companions."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.addresses import misfit
from vmspec.check.queries.usb import HUB_PORTS, UsbDevice, has_default_usb, is_disabled, is_hub, ports_of, usb_devices
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.input import Input
from vmspec.model.devices.redirdev import Redirdev
from vmspec.model.domain import Domain
from vmspec.model.machine import describe
from vmspec.model.walk import devices


@rule(4523, "usb-disabled-and-used", phase=Phase.DEFINE, needs="controller")
def disabled_and_used(vm: Domain) -> Iterator[Finding]:
    """
    What: `model = none` turns USB off, and another USB controller or a USB device is there.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefControllersParse and virDomainDefParseXML, src/conf/domain_conf.c;
    qemuDomainUSBAddressAddHubs, src/qemu/qemu_domain_address.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Can't add USB input device. USB bus is disabled.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          controller usb0 { type = usb; index = 0; model = none }
          input tablet { type = tablet; bus = usb }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          controller usb0 { type = usb; index = 0; model = qemu-xhci }
          input tablet { type = tablet; bus = usb }
        }
    """
    off = next((c for c in vm.controller if c.type == "usb" and c.model == "none"), None)
    if off is None:
        return
    note = ((("controller", off.label, "model"), "USB is off here"),)
    for controller in vm.controller:
        if controller.type == "usb" and controller is not off:
            yield Finding(("controller", controller.label), "another USB controller, and USB is off", labels=note)
    for device in usb_devices(vm):
        yield Finding(device.path, f"{device} is a USB device, and USB is off", labels=note)


_COMPANIONS = ("ich9-uhci1", "ich9-uhci2", "ich9-uhci3")


@rule(4524, "usb-companion-without-master", phase=Phase.DEFINE, needs="controller")
def companion_without_master(vm: Domain) -> Iterator[Finding]:
    """
    What: All USB controllers are companions of one that is not there.
    Why: libvirt 9.0.0 refuses it at define ("No master USB controller specified", virDomainDefControllersParse, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: No master USB controller specified.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; controller usb0 { type = usb; index = 0; model = ich9-uhci1; master = 0 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; controller usb0 { type = usb; index = 0; model = qemu-xhci } }
    """
    some = [c for c in vm.controller if c.type == "usb" and c.model != "none"]
    if some and all(c.master is not None or c.model in _COMPANIONS for c in some):
        yield Finding(
            ("controller", some[0].label),
            f"{some[0].model} is a companion of a USB controller that is not there",
            help="use model = qemu-xhci alone",
        )


@rule(4525, "usb-bus-missing", phase=Phase.DEFINE, needs="input hub disk hostdev redirdev sound serial")
def bus_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: A USB address names a bus for which there is no controller; or there is a USB device and no controller at all.
    Why: libvirt 9.0.0 refuses it at define (virDomainUSBAddressFindPort and virDomainUSBAddressAssign, src/conf/domain_addr.c). On x86 and
    POWER it adds bus 0 where that is not written, elsewhere none (qemuDomainDefAddDefaultDevices, src/qemu/qemu_domain.c).
    Example:
        vm a {
          resolve = false; memory.size = 1GiB
          features { acpi = true }
          cpu.count = 1
          controller usb0 { type = usb; index = 0; model = qemu-xhci }
          input tablet { type = tablet; bus = usb; address = usb(1, 1) }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          controller usb0 { type = usb; index = 0; model = qemu-xhci }
          input tablet { type = tablet; bus = usb; address = usb(0, 1) }
        }
    """
    if is_disabled(vm):
        return
    there = {c.index or 0 for c in vm.controller if c.type == "usb"} | ({0} if has_default_usb(vm) else set())
    for device in usb_devices(vm):
        if not there:
            yield Finding(device.path, f"{device} is a USB device, and {describe(vm)} has no USB without a controller")
        elif device.bus is not None and device.bus not in there:
            yield Finding((*device.path, "address"), f"{device} is on USB bus {device.bus}, which has no controller")


@rule(4526, "usb-ports", phase=Phase.DEFINE, needs="input hub disk hostdev redirdev")
def ports(vm: Domain) -> Iterator[Finding]:
    """
    What: A USB address names a port beyond the controller's or hub's, a hub that is not there, or a port of another device.
    Why: libvirt 9.0.0 refuses it at define (virDomainUSBAddressFindPort, virDomainUSBAddressReserve and virDomainUSBAddressSetAddHub,
    src/conf/domain_addr.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: requested USB port 9 not present on USB bus 0.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          controller usb0 { type = usb; index = 0; model = qemu-xhci; ports = 4 }
          input tablet { type = tablet; bus = usb; address = usb(0, 9) }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          controller usb0 { type = usb; index = 0; model = qemu-xhci; ports = 4 }
          input tablet { type = tablet; bus = usb; address = usb(0, 4) }
        }
    """
    if is_disabled(vm):
        return
    room: dict[tuple[int, ...], int] = {}
    for controller in vm.controller:
        if controller.type == "usb" and ports_of(controller):
            room[(controller.index or 0,)] = ports_of(controller)
    if not any(c.type == "usb" for c in vm.controller):
        room[(0,)] = 2
    taken: dict[tuple[int, ...], UsbDevice] = {}
    for device in sorted(usb_devices(vm), key=lambda d: (not is_hub(d.device), len(d.port))):
        if device.bus is None or not device.port or not device.port[0] or (device.bus,) not in room:
            continue  # a first port of 0 is none (virDomainUSBAddressPortIsValid)
        here = (*device.path, "address")
        place = (device.bus, *device.port)
        ports = room.get(place[:-1])
        shown = ".".join(str(p) for p in device.port)
        if ports is None:
            yield Finding(here, f"there is no hub at port {shown.rpartition('.')[0]} of USB bus {device.bus}")
        elif not 1 <= place[-1] <= ports:
            yield Finding(here, f"port {shown} does not exist: there are {ports} ports")
        elif taken.setdefault(place, device) is not device:
            yield Finding(
                here,
                f"{taken[place]} is at port {shown} of USB bus {device.bus} already",
                labels=(((*taken[place].path, "address"), "the first"),),
            )
        elif is_hub(device.device):
            room[place] = HUB_PORTS


@rule(4555, "usb-device-address", phase=Phase.DEFINE, needs="input redirdev")
def device_address(vm: Domain) -> Iterator[Finding]:
    """
    What: An input or redirected device on bus usb has an address that is not usb.
    Why: libvirt 9.0.0 refuses it at define (virDomainInputDefParseXML and virDomainRedirdevDefParseXML, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Invalid address for a USB device.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; input { type = tablet; bus = usb; address = pci(0000:00:05.0) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; input { type = tablet; bus = usb; address = usb(0, "1") } }
    """
    for path, device in devices(vm):
        if isinstance(device, (Input, Redirdev)) and device.address is not None and misfit(device):
            yield Finding((*path, "address"), f"a USB device has a usb address, not {device.address.tag}")


@rule(4556, "usb-duplicate-bus", phase=Phase.DEFINE, needs="controller")
def duplicate_bus(vm: Domain) -> Iterator[Finding]:
    """
    What: Two USB controllers have the same index, and neither is a companion.
    Why: Only a companion (ich9-uhci1 to 3) shares the number of its ich9-ehci1; libvirt 9.0.0 refuses others at define
    (virDomainUSBAddressSetAddController, src/conf/domain_addr.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Duplicate USB controllers with index 0.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          controller usb0 { type = usb; index = 0; model = qemu-xhci }
          controller usb1 { type = usb; index = 0; model = qemu-xhci }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          controller usb0 { type = usb; index = 0; model = qemu-xhci }
          controller usb1 { type = usb; index = 1; model = qemu-xhci }
        }
    """
    seen: dict[int, str] = {}
    for controller in vm.controller:
        if controller.type != "usb" or controller.index is None or not ports_of(controller):
            continue
        first = seen.setdefault(controller.index, controller.label)
        if first != controller.label:
            yield Finding(
                ("controller", controller.label, "index"),
                f"two USB controllers have index {controller.index}",
                labels=((("controller", first, "index"), "the first"),),
            )
