"""USB that is off and used."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.usb import devices
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4523, "usb-disabled-and-used", phase=Phase.DEFINE)
def disabled_and_used(vm: Domain) -> Iterator[Finding]:
    """
    What: `model = none` turns USB off, and another USB controller or a USB device is there.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefControllersParse and virDomainDefParseXML, src/conf/domain_conf.c;
    qemuDomainUSBAddressAddHubs, src/qemu/qemu_domain_address.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Can't add USB input device. USB bus is disabled.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          controller usb0 { type = usb; index = 0; model = none }
          input tablet { type = tablet; bus = usb }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
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
    for device in devices(vm):
        yield Finding(device.path, f"{device} is a USB device, and USB is off", labels=note)
