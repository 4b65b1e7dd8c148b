"""SCSI controllers."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.controller import Controller
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu

_VIRTIO = ("virtio-scsi", "virtio-transitional", "virtio-non-transitional")


@rule(4518, "controller-scsi-options", phase=Phase.DEFINE, needs="queues cmd_per_lun max_sectors ioeventfd iothread")
def scsi_options(controller: Controller) -> Iterator[Finding]:
    """
    What: `queues`, `cmd-per-lun`, `max-sectors`, `ioeventfd` or `iothread` on a controller that is not virtio-scsi.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceDefControllerAttributes, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: 'queues' is only supported by virtio-scsi controller.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; controller scsi0 { type = scsi; index = 0; model = lsisas1068; queues = 4 } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 4; controller scsi0 { type = scsi; index = 0; model = virtio-scsi; queues = 4 } }
    """
    if controller.type == "scsi" and (controller.model in _VIRTIO or controller.model is None):
        return
    for option in ("queues", "cmd_per_lun", "max_sectors", "ioeventfd", "iothread"):
        if getattr(controller, option):
            name = option.replace("_", "-")
            yield Finding(
                ("controller", controller.label, name),
                f"{name} is an option of virtio-scsi, not of {controller.model or controller.type or 'a controller without a type'}",
            )


@rule(4519, "controller-scsi-model", phase=Phase.DEFINE, needs="model")
def scsi_model(controller: Controller, vm: Domain) -> Iterator[Finding]:
    """
    What: The model of a SCSI controller is auto or buslogic.
    Why: libvirt 9.0.0 refuses them with QEMU at define (qemuValidateCheckSCSIControllerModel, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Unsupported controller model: buslogic.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; controller scsi0 { type = scsi; index = 0; model = buslogic } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; controller scsi0 { type = scsi; index = 0; model = virtio-scsi } }
    """
    if controller.type == "scsi" and is_qemu(vm) and controller.model in ("auto", "buslogic"):
        yield Finding(
            ("controller", controller.label, "model"),
            f"QEMU has no SCSI controller {controller.model}",
            instead="virtio-scsi",
            until="9.1.0" if controller.model == "auto" else "",
        )
