"""A bus that libvirt invents."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.pci import buses, placed
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.pci_topology import root_model


@rule(4505, "unknown-bus", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def unknown_bus(vm: Domain) -> Iterator[Finding]:
    """
    What: A device is on a PCI bus for which there is no controller.
    Why: libvirt adds that controller and all with a lower number (virDomainPCIAddressSetGrow, src/conf/domain_addr.c 9.0.0): the guest gets
    hardware that nobody wrote.
    Example:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); target = vda; bus = virtio; address = pci(0000:05:00.0) }
        }
    Instead:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); target = vda; bus = virtio; address = pci(0000:00:05.0) }
        }
    """
    if not placed(vm) or root_model(vm) is None:
        return
    there = buses(vm)
    for device in placed(vm):
        number = device.address.bus or 0
        if number not in there:
            yield Finding((*device.path, "address"), f"{device} is on PCI bus {number}, which has no controller")
