"""USB controllers."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.controller import Controller
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4520, "controller-xhci-ports", phase=Phase.DEFINE, needs="ports")
def xhci_ports(controller: Controller) -> Iterator[Finding]:
    """
    What: An xHCI controller has more than 15 ports.
    Why: libvirt 9.0.0 refuses more at define (qemuDomainControllerDefPostParse, src/qemu/qemu_domain.c: QEMU_USB_XHCI_MAXPORTS).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: 'qemu-xhci' controller only supports up to '15' ports.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; controller usb0 { type = usb; index = 0; model = qemu-xhci; ports = 16 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; controller usb0 { type = usb; index = 0; model = qemu-xhci; ports = 15 } }
    """
    if (
        controller.type == "usb"
        and controller.model in ("qemu-xhci", "nec-xhci")
        and controller.ports is not None
        and controller.ports > 15
    ):
        yield Finding(
            ("controller", controller.label, "ports"), f"{controller.model} has at most 15 ports, not {controller.ports}", instead="15"
        )


@rule(4522, "controller-usb-qusb", phase=Phase.DEFINE, needs="model")
def usb_qusb(controller: Controller, vm: Domain) -> Iterator[Finding]:
    """
    What: The model of a USB controller is qusb1 or qusb2.
    Why: libvirt 9.0.0 refuses them with QEMU at define (qemuDomainControllerDefPostParse, src/qemu/qemu_domain.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: USB controller model type 'qusb1' or 'qusb2' is not
    supported in qemu.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; controller usb0 { type = usb; index = 0; model = qusb2 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; controller usb0 { type = usb; index = 0; model = qemu-xhci } }
    """
    if controller.type == "usb" and controller.model in ("qusb1", "qusb2") and is_qemu(vm):
        yield Finding(("controller", controller.label, "model"), f"{controller.model} is a USB controller of Xen", instead="qemu-xhci")
