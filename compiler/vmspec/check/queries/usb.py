"""The guest's USB buses: ports by bus, and who sits where (src/conf/domain_addr.c, libvirt 9.0.0)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from vmspec.base.provenance import Path
from vmspec.check.queries.disks import bus
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import Device, UsbAddress
from vmspec.model.devices.hostdev import UsbHostdev
from vmspec.model.devices.hub import Hub
from vmspec.model.domain import Domain
from vmspec.model.machine import arch, is_x86

HUB_PORTS = 8
_PORTS = {
    "ehci": 6,
    "ich9-ehci1": 6,
    "pci-ohci": 3,
    "nec-xhci": 4,
    "qemu-xhci": 4,
    "ich9-uhci1": 0,
    "ich9-uhci2": 0,
    "ich9-uhci3": 0,
    "none": 0,
}


class UsbDevice(NamedTuple):
    path: Path
    device: Device
    bus: int | None
    """None where libvirt chooses."""
    port: tuple[int, ...]

    def __str__(self) -> str:
        return " ".join(self.path)


def is_disabled(vm: Domain) -> bool:
    return any(c.type == "usb" and c.model == "none" for c in vm.controller)


def has_default_usb(vm: Domain) -> bool:
    """Whether libvirt adds USB controller 0 where it is not written (qemuDomainDefAddDefaultDevices, src/qemu/qemu_domain.c 9.0.0)."""
    return is_x86(vm) or arch(vm).startswith("ppc")


def ports_of(controller: Controller) -> int:
    """How many ports a controller gives its bus; a companion none (virDomainUSBAddressControllerModelToPorts)."""
    if controller.model in ("nec-xhci", "qemu-xhci") and controller.ports is not None:
        return controller.ports
    return _PORTS.get(str(controller.model), 2)


def usb_devices(vm: Domain) -> Iterator[UsbDevice]:
    """Hubs first, as libvirt places them."""
    groups: tuple[tuple[str, Iterable[Device]], ...] = (
        ("hub", vm.hub),
        ("input", (i for i in vm.input if i.bus == "usb")),
        ("disk", (d for d in vm.disk if bus(d) == "usb")),
        ("hostdev", (h for h in vm.hostdev if isinstance(h.source, UsbHostdev))),
        ("redirdev", (r for r in vm.redirdev if r.bus in (None, "usb"))),
        ("sound", (s for s in vm.sound if s.model == "usb")),
        ("serial", (s for s in vm.serial if s.target == "usb-serial")),
    )
    for kind, some in groups:
        for device in some:
            yield _at((kind, device.label), device)


def _at(path: Path, device: Device) -> UsbDevice:
    at = device.address
    if not isinstance(at, UsbAddress) or not at.port:
        return UsbDevice(path, device, at.bus if isinstance(at, UsbAddress) else None, ())
    return UsbDevice(path, device, at.bus or 0, tuple(int(p, 0) for p in str(at.port).split(".")))


def is_hub(device: Device) -> bool:
    return isinstance(device, Hub)
