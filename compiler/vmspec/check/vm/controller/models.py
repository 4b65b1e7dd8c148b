"""Which models each type of controller has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.controller import PCI, SCSI, USB, Controller

MODELS_OF: Mapping[str, tuple[str, ...]] = {
    "pci": PCI,
    "scsi": SCSI,
    "usb": USB,
    "ide": ("piix3", "piix4", "ich6"),
    "virtio-serial": ("virtio", "virtio-transitional", "virtio-non-transitional"),
}
"""virDomainControllerModelTypeFromString, src/conf/domain_conf.c 9.0.0; the other types have none."""
PARSED_AS = "ide"
"""What libvirt takes a controller for that has no type (virDomainControllerDefParseXML)."""


@rule(4539, "controller-model-type", phase=Phase.DEFINE, needs="model")
def model_type(controller: Controller) -> Iterator[Finding]:
    """
    What: A controller has the model of a controller of another type, or one where its type has none.
    Why: libvirt 9.0.0 refuses it at define (virDomainControllerModelTypeFromString, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Unknown model type 'qemu-xhci'.
    Example:
        vm a { memory.size = 1GiB; cpu.count = 2; controller scsi0 { type = scsi; index = 0; model = qemu-xhci } }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 2; controller scsi0 { type = scsi; index = 0; model = virtio-scsi } }
    """
    kind = str(controller.type or PARSED_AS)
    have = MODELS_OF.get(kind, ())
    if controller.model is not None and str(controller.model) not in have and "@type" not in controller.raw:
        known = f"it has {', '.join(have)}" if have else "it has none"
        yield Finding(("controller", controller.label, "model"), f"{controller.model} is no model of a {kind} controller: {known}")
