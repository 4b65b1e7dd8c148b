"""Assigns device numbers on the channel subsystem of s390x to virtio devices, kept in the lock.

Sources: libvirt 9.0.0 src/qemu/qemu_domain_address.c (qemuDomainAssignS390Addresses, qemuDomainPrimeVirtioDeviceAddresses),
src/conf/domain_addr.c (virDomainCCWAddressSetCreate: virtio devices have channel subsystem 0xfe, numbers from 0).
"""

from __future__ import annotations

from vmspec.base.provenance import Path, Provenance
from vmspec.lower.fleet import Vm
from vmspec.lower.layout import AS_WRITTEN
from vmspec.lower.passes.buses import layout_in_force, replaced
from vmspec.lower.passes.change import NOTHING, Context, PassResult, derived
from vmspec.lower.passes.devices import devices
from vmspec.lower.passes.taken import no_place_left
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import CcwAddress, Device, Virtio
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.filesystem import Filesystem
from vmspec.model.devices.hostdev import Hostdev, MdevHostdev, VhostScsiHostdev
from vmspec.model.devices.input import Input
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.memory_balloon import MemoryBalloon
from vmspec.model.devices.memory_device import MemoryDevice
from vmspec.model.devices.sound import Sound
from vmspec.model.devices.video import Video
from vmspec.model.machine import alias_of

VIRTIO = 0xFE
"""The channel subsystem of virtio devices."""
LAST = 0xFFFF
PREFIX = "ccw:"
FIRST = ("disk", "interface")
"""The kinds of devices that libvirt numbers first."""
PLACED = "a device number for each label, kept in the lock"


def expand(vm: Vm, context: Context) -> PassResult:
    """Assign the numbers; guests of layout 1 have those that libvirt assigned."""
    if alias_of(str(vm.spec.machine)) != "s390-ccw-virtio" or context.lock.version < AS_WRITTEN:
        return NOTHING
    there = sorted(devices(vm.spec), key=lambda each: FIRST.index(each.path[0]) if each.path[0] in FIRST else len(FIRST))
    known = {key: int(text.removeprefix(PREFIX), 16) for key, text in context.lock.addresses.items() if text.startswith(PREFIX)}
    taken = {each.device.address.devno for each in there if isinstance(each.device.address, CcwAddress)}
    reserved = {*taken, *known.values()}
    placed: dict[Path, Device] = {}
    kept: dict[str, str] = {}
    homeless: list[tuple[str, Path]] = []
    number = 0
    for path, key, device in there:
        if device.address is not None or not on_ccw(device):
            continue
        mine = known.get(key)
        if mine is None or mine in taken:
            while number in reserved:
                number += 1
            mine = number
        if mine > LAST:
            homeless.append((key, path))
            continue
        reserved.add(mine)
        kept[key] = f"{PREFIX}{mine:04x}"
        placed[path] = device.but(address=CcwAddress(cssid=VIRTIO, ssid=0, devno=mine))
    trails: dict[Path, Provenance] = {(*path, "address"): derived(vm, PLACED, path, origin=layout_in_force(context)) for path in placed}
    return PassResult(replaced(vm, placed), trails, no_place_left(vm, "device number", homeless), {"addresses": kept})


def on_ccw(device: Device) -> bool:
    match device:
        case Disk():
            return device.bus == "virtio"
        case Interface():
            virtual = device.source is None or not device.source.tag.startswith("hostdev")
            return virtual and str(device.model or "virtio").startswith("virtio")
        case Filesystem():
            return device.driver in (None, "path", "handle", "virtiofs")
        case Controller():
            return device.type == "virtio-serial" or (device.type == "scsi" and str(device.model).startswith("virtio"))
        case Hostdev():
            source = device.source
            return isinstance(source, VhostScsiHostdev) or (isinstance(source, MdevHostdev) and source.model == "vfio-ccw")
        case MemoryBalloon():
            return str(device.model or "virtio").startswith("virtio")
        case Input():
            return device.bus == "virtio"
        case Video():
            return device.model == "virtio"
        case Sound() | MemoryDevice():
            return False  # QEMU has them on PCI alone
        case _:
            return isinstance(device, Virtio)
