"""A display that nobody shows."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.hostdev import MdevHostdev
from vmspec.model.domain import Domain


@rule(4535, "mdev-display", phase=Phase.DEFINE)
def mdev_display(vm: Domain) -> Iterator[Finding]:
    """
    What: A mediated device of model vfio-pci has `display = true`, and the VM has no graphics.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainMdevDefVFIOPCI, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: graphics device is needed for attribute value
    'display=on' in <hostdev>.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hostdev a { source = mdev("c2177883-f1bb-47f0-914d-32a22e3a8804", model = vfio-pci, display = true) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics vnc { type = vnc }
          hostdev a { source = mdev("c2177883-f1bb-47f0-914d-32a22e3a8804", model = vfio-pci, display = true) }
        }
    """
    for device in vm.hostdev:
        source = device.source
        if isinstance(source, MdevHostdev) and source.model in (None, "vfio-pci") and source.display and not vm.graphics:
            yield Finding(
                ("hostdev", device.label, "source"),
                f"hostdev {device.label} is a display, and the VM has no graphics to show it",
                help="add graphics",
            )
