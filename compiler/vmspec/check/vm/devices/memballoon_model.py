"""A balloon of another hypervisor."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4550, "memballoon-model", phase=Phase.DEFINE)
def memballoon_model(vm: Domain) -> Iterator[Finding]:
    """
    What: `memory.balloon.model = xen`.
    Why: libvirt 9.0.0 refuses it with QEMU at define (qemuValidateDomainDeviceDefMemballoon, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: Cannot automatically add a new PCI bus for a device with connect
    flags 00.
    Example:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; balloon { model = xen } }
        }
    Instead:
        vm a {
          cpu.count = 2
          memory { size = 1GiB; balloon { model = virtio } }
        }
    """
    balloon = vm.memory.balloon if vm.memory is not None else None
    if balloon is not None and balloon.model == "xen" and is_qemu(vm):
        yield Finding(("memory", "balloon", "model"), "QEMU has no balloon xen", instead="virtio")
