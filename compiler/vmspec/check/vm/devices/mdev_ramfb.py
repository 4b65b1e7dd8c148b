"""Two boot displays."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.hostdev import MdevHostdev
from vmspec.model.domain import Domain


@rule(4534, "mdev-ramfb", phase=Phase.DEFINE)
def mdev_ramfb(vm: Domain) -> Iterator[Finding]:
    """
    What: Two mediated devices have `ramfb`.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefHostdevValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Only one vgpu device can have 'ramfb' enabled.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics vnc { type = vnc }
          hostdev a { source = mdev("c2177883-f1bb-47f0-914d-32a22e3a8804", model = vfio-pci, display = true, ramfb = true) }
          hostdev b { source = mdev("c2177883-f1bb-47f0-914d-32a22e3a8805", model = vfio-pci, display = true, ramfb = true) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          graphics vnc { type = vnc }
          hostdev a { source = mdev("c2177883-f1bb-47f0-914d-32a22e3a8804", model = vfio-pci, display = true, ramfb = true) }
        }
    """
    with_ramfb = [h for h in vm.hostdev if isinstance(h.source, MdevHostdev) and h.source.ramfb]
    for device in with_ramfb[1:]:
        yield Finding(
            ("hostdev", device.label, "source", "ramfb"),
            f"hostdev {with_ramfb[0].label} has ramfb already",
            labels=((("hostdev", with_ramfb[0].label), "the first"),),
        )
