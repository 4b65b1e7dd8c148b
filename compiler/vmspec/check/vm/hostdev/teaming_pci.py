"""A team with a host device that is no network card."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.hostdev import Hostdev, PciHostdev


@rule(4530, "hostdev-teaming-pci", phase=Phase.DEFINE)
def teaming_pci(hostdev: Hostdev) -> Iterator[Finding]:
    """
    What: `teaming` on a host device that is not PCI, or is not the transient one, or does not name the other.
    Why: libvirt 9.0.0 refuses it at define (virDomainHostdevDefValidate, src/conf/domain_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); teaming { type = persistent } }
          hostdev vf { source = pci(0000:3b:02.1); managed = true; teaming { type = transient } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          interface eth0 { source = bridge("br0"); teaming { type = persistent } }
          hostdev vf { source = pci(0000:3b:02.1); managed = true; teaming { type = transient; persistent = ua-eth0 } }
        }
    """
    team = hostdev.teaming
    if team is None:
        return
    here = ("hostdev", hostdev.label, "teaming")
    if not isinstance(hostdev.source, PciHostdev):
        yield Finding(here, "only a PCI host device can be part of a team")
    elif team.type != "transient":
        yield Finding((*here, "type"), "a host device is the transient one of a team", instead="transient")
    elif not team.persistent:
        yield Finding(here, "a transient device names the persistent interface of its team")
