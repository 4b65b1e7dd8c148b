"""A channel address of another machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.pci import is_builtin
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.device import Device
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_pseries, is_qemu, is_s390


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
    for path, device in _devices(vm):
        at = device.address
        if at is not None and at.tag == "ccw" and vars(device).get("model") != "none":
            yield Finding((*path, "address"), f"{describe(vm)} has no channel devices")


def _devices(vm: Domain) -> Iterator[tuple[Path, Device]]:
    """Those whose address libvirt keeps, and of whose kind no other rule speaks."""
    groups: tuple[tuple[str, Iterable[Device]], ...] = (
        ("disk", vm.disk),
        ("interface", vm.interface),
        ("controller", (each for each in vm.controller if not is_builtin(vm, each))),
        ("hostdev", vm.hostdev),
        ("rng", vm.rng),
        ("filesystem", vm.filesystem),
        ("console", vm.console[1 if vm.serial or is_pseries(vm) else 0 :]),
        ("parallel", vm.parallel),
        ("input", (each for each in vm.input if each.bus != "usb")),
        ("video", vm.video),
        ("sound", vm.sound),
        ("shmem", vm.shmem),
        ("tpm", vm.tpm),
    )
    for kind, devices in groups:
        for device in devices:
            yield (kind, device.label), device
    if vm.vsock is not None:
        yield ("vsock",), vm.vsock
    if vm.memory is not None and vm.memory.balloon is not None:
        yield ("memory", "balloon"), vm.memory.balloon
