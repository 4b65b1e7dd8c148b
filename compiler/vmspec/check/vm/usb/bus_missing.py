"""A USB bus that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.usb import devices, has_default_usb, is_disabled
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import describe


@rule(4525, "usb-bus-missing", phase=Phase.DEFINE)
def bus_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: A USB address names a bus for which there is no controller; or there is a USB device and no controller at all.
    Why: libvirt 9.0.0 refuses it at define (virDomainUSBAddressFindPort and virDomainUSBAddressAssign, src/conf/domain_addr.c). On x86 and
    POWER it adds bus 0 where that is not written, elsewhere none (qemuDomainDefAddDefaultDevices, src/qemu/qemu_domain.c).
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          features { acpi = true }
          cpu.count = 1
          controller usb0 { type = usb; index = 0; model = qemu-xhci }
          input tablet { type = tablet; bus = usb; address = usb(1, 1) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          controller usb0 { type = usb; index = 0; model = qemu-xhci }
          input tablet { type = tablet; bus = usb; address = usb(0, 1) }
        }
    """
    if is_disabled(vm):
        return
    there = {c.index or 0 for c in vm.controller if c.type == "usb"} | ({0} if has_default_usb(vm) else set())
    for device in devices(vm):
        if not there:
            yield Finding(device.path, f"{device} is a USB device, and {describe(vm)} has no USB without a controller")
        elif device.bus is not None and device.bus not in there:
            yield Finding((*device.path, "address"), f"{device} is on USB bus {device.bus}, which has no controller")
