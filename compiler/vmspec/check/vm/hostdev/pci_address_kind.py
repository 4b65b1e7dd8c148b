"""A host device at an address of another kind."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.addresses import kinds_of_address, misfit
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.hostdev import Hostdev


@rule(4527, "hostdev-pci-address-kind", phase=Phase.DEFINE)
def pci_address_kind(hostdev: Hostdev) -> Iterator[Finding]:
    """
    What: A PCI host device has another address than pci or unassigned, a SCSI one than drive, a USB one than usb, a vhost-scsi one than pci
    or ccw, a mediated one than its model's.
    Why: libvirt 9.0.0 refuses it at define (virDomainHostdevDefValidate, src/conf/domain_validate.c; virDomainHostdevDefPostParse,
    src/conf/domain_postparse.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: internal error: PCI host devices must use 'pci' or 'unassigned' address type.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hostdev gpu { source = pci(0000:3b:00.0); managed = true; address = drive(0, 0, 0, 0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          hostdev gpu { source = pci(0000:3b:00.0); managed = true; address = pci(0000:00:05.0) }
        }
    """
    kinds = kinds_of_address(hostdev)
    if kinds and misfit(hostdev) and hostdev.address is not None and hostdev.source is not None:
        what = f"a {hostdev.source.tag} host device has a {kinds[0]} address, not {hostdev.address.tag}"
        yield Finding(("hostdev", hostdev.label, "address"), what)
