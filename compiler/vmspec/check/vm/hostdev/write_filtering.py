"""A filter of Xen."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.hostdev import Hostdev, PciHostdev
from vmspec.model.domain import Domain
from vmspec.model.machine import is_qemu


@rule(4532, "hostdev-write-filtering", phase=Phase.DEFINE)
def write_filtering(hostdev: Hostdev, vm: Domain) -> Iterator[Finding]:
    """
    What: `write-filtering` on a PCI host device.
    Why: libvirt 9.0.0 refuses it with QEMU at define (qemuValidateDomainDeviceDefHostdev, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Write filtering of PCI device configuration space is
    not supported by qemu.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hostdev gpu { source = pci(0000:3b:00.0, write-filtering = false); managed = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hostdev gpu { source = pci(0000:3b:00.0); managed = true }
        }
    """
    if isinstance(hostdev.source, PciHostdev) and hostdev.source.write_filtering is not None and is_qemu(vm):
        yield Finding(("hostdev", hostdev.label, "source"), "write-filtering is an option of Xen")
