"""A USB controller of Xen."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.controller import Controller
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4522, "controller-usb-qusb", phase=Phase.DEFINE)
def usb_qusb(controller: Controller, vm: Domain) -> Iterator[Finding]:
    """
    What: The model of a USB controller is qusb1 or qusb2.
    Why: libvirt 9.0.0 refuses them with QEMU at define (qemuDomainControllerDefPostParse, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: USB controller model type 'qusb1' or 'qusb2' is not
    supported in qemu.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          controller usb0 { type = usb; index = 0; model = qusb2 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          controller usb0 { type = usb; index = 0; model = qemu-xhci }
        }
    """
    if controller.type == "usb" and controller.model in ("qusb1", "qusb2") and is_qemu(vm):
        yield Finding(("controller", controller.label, "model"), f"{controller.model} is a USB controller of Xen", instead="qemu-xhci")
