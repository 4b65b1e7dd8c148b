"""Assigns addresses on buses other than PCI: drives by target name, USB and virtio-serial ports by label, kept in the lock.

Sources: libvirt 9.0.0 src/conf/domain_conf.c (virDomainDiskDefAssignAddress), src/conf/domain_addr.c (USB and virtio-serial ports).
"""

from __future__ import annotations

from vmspec.base.diagnostic import Diagnostic
from vmspec.base.provenance import Path, Provenance
from vmspec.lower.fleet import Vm
from vmspec.lower.layout import AS_WRITTEN
from vmspec.lower.passes.change import Context, PassResult, derived
from vmspec.lower.passes.controllers import USB_PORTS
from vmspec.lower.passes.devices import PYTHON, ConnectedDevice, devices, on_usb
from vmspec.lower.passes.disks import index
from vmspec.lower.passes.taken import no_place_left, place_taken
from vmspec.model.devices.channel import Channel
from vmspec.model.devices.console import Console
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import Address, CcidAddress, Device, DriveAddress, UsbAddress, VirtioSerialAddress
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.hostdev import Hostdev, IscsiHostdev, ScsiHostdev
from vmspec.model.devices.smartcard import Smartcard
from vmspec.model.value import Symbol

BY_TARGET = "a drive's place follows from its target name"
BY_LABEL = "a port for each label, kept in the lock"
NAMES = {"usb:0:": "the USB port", "port:0:": "the virtio-serial port", "scsi:0:": "the SCSI unit"}
SCSI_UNITS = 255
"""Logical units that we hand out; the first free one is what libvirt 9.0.0 takes too (src/conf/domain_conf.c,
virDomainHostdevAssignAddress). virtio-scsi has more, up to 16383 (src/qemu/qemu_domain.c)."""
SERIAL_PORTS = 30
"""A virtio-serial controller has 31 ports; port 0 is the first console's (qemu 7.2.0, hw/char/virtio-serial-bus.c)."""


def expand(vm: Vm, context: Context) -> PassResult:
    ports = _Ports(vm, context)
    trails: dict[Path, Provenance] = {}
    placed: dict[Path, Device] = {}
    for each in devices(vm.spec, context.lock.version < AS_WRITTEN):
        found = ports.place(each) if each.device.address is None else None
        if found is not None:
            why, address = found
            placed[each.path] = each.device.but(address=address)
            trails[(*each.path, "address")] = derived(vm, why, each.path, origin=layout_in_force(context))
    homeless = no_place_left(vm, "port", [(f'{path[0]} "{path[-1]}"', path) for path in ports.homeless])
    return PassResult(replaced(vm, placed), trails, (*homeless, *ports.lost), {"addresses": ports.kept} if ports.kept else {})


def layout_in_force(context: Context) -> str:
    """As an origin."""
    return f"layout {context.lock.version}"


def replaced(vm: Vm, placed: dict[Path, Device]) -> dict[str, object]:
    """The features of the domain in which these devices, by path, are exchanged."""
    features: dict[str, object] = {}
    for kind in dict.fromkeys(path[0] for path in placed):
        if kind in PYTHON:
            blocks: tuple[Device, ...] | Device = vars(vm.spec)[PYTHON[kind]]
            features[PYTHON[kind]] = tuple(placed.get((kind, b.label), b) for b in blocks) if isinstance(blocks, tuple) else placed[kind,]
    if ("memory", "balloon") in placed and vm.spec.memory is not None:
        features["memory"] = vm.spec.memory.but(balloon=placed["memory", "balloon"])
    return features


class _Ports:
    """Hands out ports of one guest; whoever has one in the lock keeps it."""

    def __init__(self, vm: Vm, context: Context) -> None:
        self.lock = {key: text for key, text in context.lock.addresses.items() if text.startswith(("usb:", "port:", "scsi:"))}
        self.kept: dict[str, str] = {}
        self.homeless: list[Path] = []
        self.lost: list[Diagnostic] = []
        self.vm = vm
        self.taken = set(self.lock.values())
        self.written: dict[str, Path] = {}
        for each in devices(vm.spec):
            match each.device.address:
                case UsbAddress(bus=bus, port=port):
                    self.written[f"usb:{bus or 0}:{port}"] = each.path
                case VirtioSerialAddress(controller=controller, port=port):
                    self.written[f"port:{controller or 0}:{port}"] = each.path
                case DriveAddress(controller=controller, target=target, unit=unit) if _on_scsi(each.device) and not target:
                    self.written[f"scsi:{controller or 0}:{unit or 0}"] = each.path
                case None if isinstance(each.device, Disk) and each.device.bus == "scsi":
                    self.written[f"scsi:0:{index(str(each.device.target)) or 0}"] = each.path
                case _:
                    pass
        self.taken |= self.written.keys()

    def place(self, each: ConnectedDevice) -> tuple[str, Address] | None:
        device = each.device
        match device:
            case Disk() if str(device.bus) in ("sata", "ide", "scsi", "fdc"):
                return BY_TARGET, drive(str(device.bus), index(str(device.target)) or 0)
            case Hostdev() if _on_scsi(device):
                unit = self._port(each, "scsi:0:", 0, SCSI_UNITS)
                return None if unit is None else (BY_LABEL, DriveAddress(controller=0, bus=0, target=0, unit=unit))
            case Channel(target="virtio") | Console(target="virtio"):
                port = self._port(each, "port:0:", 0 if isinstance(device, Console) else 1, SERIAL_PORTS)
                return None if port is None else (BY_LABEL, VirtioSerialAddress(controller=0, bus=0, port=port))
            case Smartcard():
                return BY_LABEL, CcidAddress(controller=0, slot=0)
            case Controller() if device.type != "ccid":
                return None
            case _ if on_usb(device):
                port = self._port(each, "usb:0:", 1, USB_PORTS)
                return None if port is None else (BY_LABEL, UsbAddress(bus=0, port=Symbol(str(port))))
            case _:
                return None

    def _port(self, each: ConnectedDevice, prefix: str, first: int, last: int) -> int | None:
        known = self.lock.get(each.key)
        if known in self.written:
            self.lost.append(place_taken(self.vm, f"{NAMES[prefix]} {known.rpartition(':')[2]}", self.written[known], each.path))
        elif known is not None and known.startswith(prefix):
            self.kept[each.key] = known
            return int(known.removeprefix(prefix))
        port = next((n for n in range(first, last + 1) if f"{prefix}{n}" not in self.taken), None)
        if port is None:
            self.homeless.append(each.path)
            return None
        self.kept[each.key] = f"{prefix}{port}"
        self.taken.add(self.kept[each.key])
        return port


def _on_scsi(device: Device) -> bool:
    return isinstance(device.source, (ScsiHostdev, IscsiHostdev)) if isinstance(device, Hostdev) else getattr(device, "bus", None) == "scsi"


def drive(bus: str, number: int) -> DriveAddress:
    match bus:
        case "sata":
            return DriveAddress(controller=number // 6, bus=0, target=0, unit=number % 6)
        case "ide":
            return DriveAddress(controller=number // 4, bus=number // 2 % 2, target=0, unit=number % 2)
        case "fdc":
            return DriveAddress(controller=number // 2, bus=0, target=0, unit=number % 2)
        case _:
            return DriveAddress(controller=0, bus=0, target=0, unit=number)
