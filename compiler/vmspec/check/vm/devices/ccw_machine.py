"""A channel address of another machine."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.addresses import kinds_of_address
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.channel import Channel
from vmspec.model.devices.console import Console
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import CcwAddress, Device
from vmspec.model.devices.hub import Hub
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_pseries, is_qemu, is_s390
from vmspec.model.pci_topology import builtin_place
from vmspec.model.walk import distinct_devices


@rule(4549, "ccw-machine", phase=Phase.DEFINE)
def ccw_machine(vm: Domain) -> Iterator[Finding]:
    """
    What: A device has a ccw address, and the machine is not s390x. (The chipset's own controllers get their PCI address instead.)
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefAddress, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: cannot use CCW address type for device 'ua-vda' using
    machine type 'pc-q35-7.2'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); address = ccw(0xfe, 0, 1) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a") }
        }
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
