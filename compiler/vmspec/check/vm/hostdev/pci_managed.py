"""A PCI device that libvirt does not bind."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.hostdev import Hostdev, PciHostdev


@rule(4531, "hostdev-pci-managed", phase=Phase.START, severity=Severity.WARNING)
def pci_managed(hostdev: Hostdev) -> Iterator[Finding]:
    """
    What: A PCI host device without `managed = true`.
    Why: libvirt then expects the device on vfio-pci already and fails to start otherwise (docs/formatdomain.rst 9.0.0, "hostdev": managed).
    Right where the host binds it at boot.
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          features { acpi = true }
          cpu.count = 1
          hostdev gpu { source = pci(0000:3b:00.0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hostdev gpu { source = pci(0000:3b:00.0); managed = true }
        }
    """
    if isinstance(hostdev.source, PciHostdev) and hostdev.managed is None:
        yield Finding(
            ("hostdev", hostdev.label),
            f"nothing says who binds hostdev {hostdev.label} to vfio-pci",
            help="set managed = true, or managed = false where the host binds it at boot",
        )
