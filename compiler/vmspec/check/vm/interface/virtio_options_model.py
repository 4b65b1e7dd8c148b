"""Options of the virtio transport on another card."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.interfaces import is_virtio
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.interface import Interface


@rule(4409, "interface-virtio-options-model", phase=Phase.DEFINE)
def virtio_options_model(interface: Interface) -> Iterator[Finding]:
    """
    What: `iommu`, `ats`, `packed` or `page-per-vq` on a card that is not virtio.
    Why: libvirt 9.0.0 refuses them at define (virDomainCheckVirtioOptionsAreAbsent, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: packed driver option is only supported for virtio
    devices.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); model = e1000e; packed = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); model = virtio; packed = true }
        }
    """
    if is_virtio(interface):
        return
    for option in ("iommu", "ats", "packed", "page_per_vq"):
        if getattr(interface, option) is not None:
            name = option.replace("_", "-")
            yield Finding(
                ("interface", interface.label, name), f"{name} is an option of virtio cards, not of {interface.model or 'rtl8139'}"
            )
