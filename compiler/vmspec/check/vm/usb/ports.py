"""A USB port that does not exist or is taken."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.usb import HUB_PORTS, UsbDevice, devices, is_disabled, is_hub, ports_of
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4526, "usb-ports", phase=Phase.DEFINE)
def ports(vm: Domain) -> Iterator[Finding]:
    """
    What: A USB address names a port beyond the controller's or hub's, a hub that is not there, or a port of another device.
    Why: libvirt 9.0.0 refuses it at define (virDomainUSBAddressFindPort, virDomainUSBAddressReserve and virDomainUSBAddressSetAddHub,
    src/conf/domain_addr.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: requested USB port 9 not present on USB bus 0.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          controller usb0 { type = usb; index = 0; model = qemu-xhci; ports = 4 }
          input tablet { type = tablet; bus = usb; address = usb(0, 9) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
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
    for device in sorted(devices(vm), key=lambda d: (not is_hub(d.device), len(d.port))):
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
