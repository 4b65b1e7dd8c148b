"""Two USB controllers under one number."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.usb import ports_of
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4556, "usb-duplicate-bus", phase=Phase.DEFINE)
def duplicate_bus(vm: Domain) -> Iterator[Finding]:
    """
    What: Two USB controllers have the same index, and neither is a companion.
    Why: Only a companion (ich9-uhci1 to 3) shares the number of its ich9-ehci1; libvirt 9.0.0 refuses others at define
    (virDomainUSBAddressSetAddController, src/conf/domain_addr.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Duplicate USB controllers with index 0.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          controller usb0 { type = usb; index = 0; model = qemu-xhci }
          controller usb1 { type = usb; index = 0; model = qemu-xhci }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
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
