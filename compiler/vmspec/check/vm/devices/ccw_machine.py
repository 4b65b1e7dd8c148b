"""A channel address of another machine."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.read.machine import describe, is_qemu, is_s390
from vmspec.check.read.pci import is_builtin
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.controller import Controller
from vmspec.model.domain import Domain


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
    for kind, devices in (
        ("disk", vm.disk),
        ("interface", vm.interface),
        ("controller", vm.controller),
        ("hostdev", vm.hostdev),
        ("rng", vm.rng),
    ):
        for device in devices:
            at = getattr(device, "address", None)
            if at is not None and at.tag == "ccw" and not (isinstance(device, Controller) and is_builtin(vm, device)):
                yield Finding((kind, device.label, "address"), f"{describe(vm)} has no channel devices")
