"""Addresses on buses of their own: channel subsystem, zPCI, virtio-serial."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.addresses import kinds_of_address
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.channel import Channel
from vmspec.model.devices.console import Console
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import CcwAddress, Device, PciAddress, VirtioSerialAddress
from vmspec.model.devices.hub import Hub
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_pseries, is_qemu, is_s390
from vmspec.model.pci_topology import builtin_place
from vmspec.model.walk import DeviceAt, distinct_devices


@rule(4549, "ccw-machine", phase=Phase.DEFINE)
def ccw_machine(vm: Domain) -> Iterator[Finding]:
    """
    What: A device has a ccw address, and the machine is not s390x. (The chipset's own controllers get their PCI address instead.)
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefAddress, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: cannot use CCW address type for device 'ua-vda' using
    machine type 'pc-q35-7.2'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a"); address = ccw(0xfe, 0, 1) } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; disk vda { source = block("/dev/vg0/a") } }
    """
    if is_s390(vm) or not is_qemu(vm):
        return
    for path, device in distinct_devices(vm):
        if isinstance(device.address, CcwAddress) and not _is_silent(vm, device):
            yield Finding((*path, "address"), f"{describe(vm)} has no channel devices")


def _is_silent(vm: Domain, device: Device) -> bool:
    """Whether libvirt drops its address at define, or another rule says which kind of address it has."""
    match device:
        case Controller():
            return builtin_place(vm, device) is not None
        case Console():
            return is_pseries(vm) and device is vm.console[0]
        case Channel() | Hub():
            return True
        case _:
            fitting = kinds_of_address(device)
            return fitting is not None and "ccw" not in fitting


@rule(4551, "virtio-serial-port", phase=Phase.DEFINE, needs="channel console")
def virtio_serial_port(vm: Domain) -> Iterator[Finding]:
    """
    What: Two channels or consoles have the same virtio-serial port, or one on a controller that does not have it.
    Why: libvirt 9.0.0 refuses it at define (virDomainVirtioSerialAddrReserve, src/conf/domain_addr.c). Port 0 is kept for a console.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: virtio serial port 1 on controller 0 is already occupied.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          controller vs0 { type = virtio-serial; index = 0 }
          channel a { source = unix("/run/a.sock", mode = bind); name = "a"; address = virtio-serial(0, 0, 1) }
          channel b { source = unix("/run/b.sock", mode = bind); name = "b"; address = virtio-serial(0, 0, 1) }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          controller vs0 { type = virtio-serial; index = 0 }
          channel a { source = unix("/run/a.sock", mode = bind); name = "a"; address = virtio-serial(0, 0, 1) }
          channel b { source = unix("/run/b.sock", mode = bind); name = "b"; address = virtio-serial(0, 0, 2) }
        }
    """
    rooms = {c.index or 0: c.ports for c in vm.controller if c.type == "virtio-serial"}
    seen: dict[tuple[int, int], tuple[str, str]] = {}
    for kind, devices in (("channel", vm.channel), ("console", vm.console)):
        for device in devices:
            at = device.address
            if not isinstance(at, VirtioSerialAddress) or not at.port:
                continue
            key = (at.controller or 0, at.port)
            first = seen.setdefault(key, (kind, device.label))
            if first != (kind, device.label):
                yield Finding(
                    (kind, device.label, "address"),
                    f"{' '.join(first)} is at port {key[1]} of controller {key[0]} already",
                    labels=(((*first, "address"), "the first"),),
                )
            elif rooms.get(key[0]) is not None and key[1] >= (rooms[key[0]] or 31):
                yield Finding(
                    (kind, device.label, "address"), f"controller {key[0]} has ports 0 to {(rooms[key[0]] or 31) - 1}, not {key[1]}"
                )


@rule(4552, "zpci", phase=Phase.DEFINE)
def zpci(vm: Domain) -> Iterator[Finding]:
    """
    What: `zpci-uid` is 0 or taken, `zpci-fid` is taken, or the machine is not s390x.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefZPCIAddress, src/qemu/qemu_validate.c;
    virDomainZPCIAddressReserveId, src/conf/domain_addr.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: This QEMU binary doesn't support zPCI.
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          hostdev gpu { source = pci(0000:3b:00.0); managed = true; address = pci(bus = 0, slot = 5, function = 0, zpci-uid = 1) }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2; machine = q35
          hostdev gpu { source = pci(0000:3b:00.0); managed = true; address = pci(bus = 0, slot = 5, function = 0) }
        }
    """
    seen: dict[tuple[str, int], str] = {}
    for path, device in distinct_devices(vm):
        at = device.address
        if not isinstance(at, PciAddress):
            continue
        here = (*path, "address")
        for name, value in (("zpci-uid", at.zpci_uid), ("zpci-fid", at.zpci_fid)):
            if value is None:
                continue
            if not is_s390(vm):
                yield Finding(here, f"{describe(vm)} has no {name}")
            elif name == "zpci-uid" and value == 0:
                yield Finding(here, "zpci-uid is from 1 to 0xffff, not 0")
            elif seen.setdefault((name, value), path[-1]) != path[-1]:
                yield Finding(here, f"{name} {value} is that of {seen[name, value]} already")


@rule(4553, "duplicate-ccw", phase=Phase.DEFINE)
def duplicate_ccw(vm: Domain) -> Iterator[Finding]:
    """
    What: Two devices have the same ccw address.
    Why: libvirt 9.0.0 refuses it at define (virDomainCCWAddressAssign, src/conf/domain_addr.c).
    Example:
        vm a {
          resolve = false; arch = s390x; machine = s390-ccw-virtio; memory.size = 1GiB; cpu.count = 1
          disk vda { source = block("/dev/vg0/a"); target = vda; bus = virtio; address = ccw(0xfe, 0, 1) }
          disk vdb { source = block("/dev/vg0/b"); target = vdb; bus = virtio; address = ccw(0xfe, 0, 1) }
        }
    Instead:
        vm a {
          resolve = false; arch = s390x; machine = s390-ccw-virtio; memory.size = 1GiB; cpu.count = 1
          disk vda { source = block("/dev/vg0/a"); target = vda; bus = virtio; address = ccw(0xfe, 0, 1) }
          disk vdb { source = block("/dev/vg0/b"); target = vdb; bus = virtio; address = ccw(0xfe, 0, 2) }
        }
    """
    seen: dict[tuple[int | None, int | None, int], DeviceAt] = {}
    for here in distinct_devices(vm):
        at = here.device.address
        if not isinstance(at, CcwAddress) or at.devno is None:
            continue
        first = seen.setdefault((at.cssid, at.ssid, at.devno), here)
        if first is not here:
            yield Finding(
                (*here.path, "address"), f"{first} is at this channel address already", labels=(((*first.path, "address"), "the first"),)
            )
