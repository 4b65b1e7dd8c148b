"""More ports than an xHCI controller has."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.controller import Controller


@rule(4520, "controller-xhci-ports", phase=Phase.DEFINE)
def xhci_ports(controller: Controller) -> Iterator[Finding]:
    """
    What: An xHCI controller has more than 15 ports.
    Why: libvirt 9.0.0 refuses more at define (qemuDomainControllerDefPostParse, src/qemu/qemu_domain.c: QEMU_USB_XHCI_MAXPORTS).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: 'qemu-xhci' controller only supports up to '15' ports.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          controller usb0 { type = usb; index = 0; model = qemu-xhci; ports = 16 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          controller usb0 { type = usb; index = 0; model = qemu-xhci; ports = 15 }
        }
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
