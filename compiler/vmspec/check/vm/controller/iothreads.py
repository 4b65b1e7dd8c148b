"""Controllers whose queues several I/O threads serve."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.iothread_maps import unmapped
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.controller import Controller
from vmspec.model.domain import Domain


@rule(4557, "controller-iothread-map", phase=Phase.DEFINE, needs="iothread_map")
def iothread_map(controller: Controller, vm: Domain) -> Iterator[Finding]:
    """
    What: One of several I/O threads of a virtio-scsi controller does not exist, or queues are dealt out by hand and not each of the
    `queues` to exactly one of them.
    Why: libvirt 11.3.0 refuses it at define (qemuDomainValidateIothreadMapping, src/qemu/qemu_validate.c).
    Example:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          iothread 1 { }
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi; queues = 2; iothread-map 1 { queues = [0] } }
        }
    Instead:
        vm a {
          memory.size = 1GiB; cpu.count = 2
          iothread 1 { }
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi; queues = 2; iothread-map 1 { queues = [0, 1] } }
        }
    """
    if controller.iothread_map:
        yield from unmapped(("controller", controller.label), controller, vm)
