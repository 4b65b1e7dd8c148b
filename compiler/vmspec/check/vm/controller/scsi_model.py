"""A SCSI controller that QEMU does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.controller import Controller
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4519, "controller-scsi-model", phase=Phase.DEFINE)
def scsi_model(controller: Controller, vm: Domain) -> Iterator[Finding]:
    """
    What: The model of a SCSI controller is auto or buslogic.
    Why: libvirt 9.0.0 refuses them with QEMU at define (qemuValidateCheckSCSIControllerModel, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Unsupported controller model: buslogic.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          controller scsi0 { type = scsi; index = 0; model = buslogic }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi }
        }
    """
    if controller.type == "scsi" and is_qemu(vm) and controller.model in ("auto", "buslogic"):
        yield Finding(("controller", controller.label, "model"), f"QEMU has no SCSI controller {controller.model}", instead="virtio-scsi")
