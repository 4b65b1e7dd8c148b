"""A vDPA interface that is not virtio."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface
from vmspec.model.devices.network import VdpaSource


@rule(4430, "interface-vdpa-model", phase=Phase.DEFINE)
def vdpa_model(interface: Interface) -> Iterator[Finding]:
    """
    What: A vDPA interface has another model than virtio.
    Why: The device itself speaks virtio; libvirt 9.0.0 refuses other models at define (qemuValidateDomainDeviceDefNetwork,
    src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: invalid model for interface of type 'vdpa': 'e1000e'.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = vdpa("/dev/vhost-vdpa-0"); model = e1000e }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = vdpa("/dev/vhost-vdpa-0"); model = virtio }
        }
    """
    if isinstance(interface.source, VdpaSource) and interface.model and interface.model.lower() != "virtio":
        yield Finding(("interface", interface.label, "model"), f"a vDPA device is a virtio card, not {interface.model}", instead="virtio")
