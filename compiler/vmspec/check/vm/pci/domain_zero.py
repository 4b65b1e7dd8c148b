"""A PCI domain that guests do not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.pci import placed
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.pci_topology import root_model


@rule(4502, "domain-zero", phase=Phase.DEFINE)
def domain_zero(vm: Domain) -> Iterator[Finding]:
    """
    What: A device's PCI address has another domain than 0.
    Why: QEMU's machines for x86 have one PCI domain; libvirt 9.0.0 refuses others at define (virDomainPCIAddressValidate,
    src/conf/domain_addr.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Invalid PCI address 0001:00:05.0. Only PCI domain 0 is available.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); address = pci(0001:00:05.0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); address = pci(0000:00:05.0) }
        }
    """
    if root_model(vm) is None:
        return
    for device in placed(vm):
        if device.address.domain:
            yield Finding((*device.path, "address"), f"{device} is in PCI domain {device.address.domain}, and the guest has only 0")
