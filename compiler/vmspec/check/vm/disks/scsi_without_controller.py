"""A SCSI disk on the controller that libvirt adds."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.disks import bus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_x86


@rule(4355, "scsi-without-controller", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def scsi_without_controller(vm: Domain) -> Iterator[Finding]:
    """
    What: A SCSI disk has no SCSI controller.
    Why: libvirt adds an lsilogic one (qemuDomainGetSCSIControllerModel, src/qemu/qemu_domain_address.c 9.0.0), an emulated chip of 1995 for
    which modern guests have no driver, where virtio-scsi was meant.
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 2
          disk sda { source = block("/dev/vg0/a"); bus = scsi; target = sda }
        }
    Instead:
        vm a {
          resolve = false
          memory.size = 1GiB
          cpu.count = 2
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi }
          disk sda { source = block("/dev/vg0/a"); bus = scsi; target = sda }
        }
    """
    if not is_x86(vm):
        return
    missing = next((d for d in vm.disk if bus(d) == "scsi"), None)
    if missing is None:
        return
    controllers = [c for c in vm.controller if c.type == "scsi"]
    if not controllers:
        yield Finding(
            ("disk", missing.label, "bus"),
            "no SCSI controller: libvirt adds an lsilogic one",
            help="add controller scsi0 { type = scsi; index = 0; model = virtio-scsi }",
        )
    for controller in controllers:
        if controller.model is None:
            yield Finding(
                ("controller", controller.label),
                "a SCSI controller without a model becomes an lsilogic one",
                help="set model = virtio-scsi",
            )
