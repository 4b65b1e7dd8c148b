"""Two controllers under one number."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4509, "duplicate-index", phase=Phase.DEFINE)
def duplicate_index(vm: Domain) -> Iterator[Finding]:
    """
    What: Two controllers of one type (but usb) have the same index.
    Why: Addresses name controllers by their number; libvirt 9.0.0 refuses two at define (virDomainDefRejectDuplicateControllers,
    src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Multiple 'scsi' controllers with index '0'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi }
          controller scsi1 { type = scsi; index = 0; model = virtio-scsi }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          controller scsi0 { type = scsi; index = 0; model = virtio-scsi }
          controller scsi1 { type = scsi; index = 1; model = virtio-scsi }
        }
    """
    seen: dict[tuple[str, int], str] = {}
    for controller in vm.controller:
        if controller.type == "usb" or controller.index is None:
            continue
        key = (str(controller.type), controller.index)
        first = seen.setdefault(key, controller.label)
        if first != controller.label:
            yield Finding(
                ("controller", controller.label, "index"),
                f"two {key[0]} controllers have index {key[1]}",
                labels=((("controller", first, "index"), "the first"),),
            )
