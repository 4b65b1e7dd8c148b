"""IDE on a machine that has none."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.disks import bus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import arch, describe, is_i440fx, is_qemu


@rule(4356, "ide-on-q35", phase=Phase.DEFINE)
def ide_on_q35(vm: Domain) -> Iterator[Finding]:
    """
    What: A disk or controller is on IDE, and the machine is q35 (or no PC at all).
    Why: q35 has AHCI and no IDE; libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefControllerIDE, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: IDE controllers are unsupported for this QEMU binary or
    machine type.
    Example:
        vm a {
          memory.size = 1GiB
          machine = q35
          cpu.count = 2
          disk hda { source = block("/dev/vg0/a"); bus = ide }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = sata }
        }
    """
    if is_i440fx(vm) or not is_qemu(vm) or arch(vm) in ("alpha", "sparc64", "mips", "mips64", "mipsel", "mips64el", "ppc"):
        return
    for disk in vm.disk:
        if bus(disk) == "ide":
            yield Finding(
                ("disk", disk.label, "bus"),
                f"{describe(vm)} has no IDE controller",
                help="use bus = virtio, or sata for a CD-ROM",
                instead="sata",
            )
    told = any(bus(disk) == "ide" for disk in vm.disk)
    for controller in vm.controller:
        if controller.type == "ide" and not told:
            yield Finding(("controller", controller.label), f"{describe(vm)} has no IDE controller")
