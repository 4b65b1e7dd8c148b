"""A second IDE controller."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus, drive_place, target
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_i440fx


@rule(4361, "ide-controllers", phase=Phase.DEFINE)
def ide_controllers(vm: Domain) -> Iterator[Finding]:
    """
    What: An IDE controller with another index than 0, or an IDE disk behind one: hde and later names (for addresses see 4347).
    Why: i440fx has one IDE controller with four places; libvirt 9.0.0 refuses others at define (qemuValidateDomainDeviceDefControllerIDE
    and qemuValidateDomainDeviceDefDiskFrontend, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Only 1 IDE controller is supported.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = pc
          controller ide1 { type = ide; index = 1 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = pc
          controller ide0 { type = ide; index = 0 }
        }
    """
    if not is_i440fx(vm):
        return
    for controller in vm.controller:
        if controller.type == "ide" and controller.index:
            yield Finding(("controller", controller.label, "index"), f"{describe(vm)} has one IDE controller, with index 0")
    for disk in vm.disk:
        at = drive_place(disk) if bus(disk) == "ide" and disk.address is None else None
        if at is not None and at[0]:
            yield Finding(
                ("disk", disk.label), f"disk {target(disk)} is on IDE controller {at[0]}, and {describe(vm)} has controller 0 only"
            )
