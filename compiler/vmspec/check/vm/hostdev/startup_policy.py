"""A policy for a missing device that is not USB."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.hostdev import Hostdev, PciHostdev


@rule(4554, "hostdev-startup-policy", phase=Phase.DEFINE)
def startup_policy(hostdev: Hostdev) -> Iterator[Finding]:
    """
    What: A PCI host device has a `startup-policy`.
    Why: libvirt 9.0.0 refuses it at define (virDomainHostdevDefParseXMLSubsys, src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Setting startupPolicy is only allowed for USB devices.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hostdev gpu { source = pci(0000:3b:00.0, startup-policy = optional); managed = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hostdev gpu { source = pci(0000:3b:00.0); managed = true }
        }
    """
    if isinstance(hostdev.source, PciHostdev) and hostdev.source.startup_policy is not None:
        yield Finding(("hostdev", hostdev.label, "source"), "startup-policy is for USB devices")
