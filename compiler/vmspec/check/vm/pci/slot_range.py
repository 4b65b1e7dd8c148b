"""A slot that the bus does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.pci import bus_model, buses, placed
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.pci_topology import BUSES, grown_bus


@rule(4503, "slot-range", phase=Phase.DEFINE)
def slot_range(vm: Domain) -> Iterator[Finding]:
    """
    What: A device is in slot 0 of a root or bridge, or in another slot than 0 of a root port; a bus that is not written counts as
    what libvirt adds for the device.
    Why: Slot 0 of a bus belongs to the bus itself, and a port has one slot; libvirt 9.0.0 refuses others at define
    (virDomainPCIAddressValidate, src/conf/domain_addr.c).
    Example:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          controller spare { type = pci; model = pcie-root-port; index = 9; address = pci(0000:00:05.0) }
          disk vda { source = block("/dev/vg0/a"); target = vda; bus = virtio; address = pci(0000:09:02.0) }
        }
    Instead:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          controller spare { type = pci; model = pcie-root-port; index = 9; address = pci(0000:00:05.0) }
          disk vda { source = block("/dev/vg0/a"); target = vda; bus = virtio; address = pci(0000:09:00.0) }
        }
    """
    if not placed(vm):
        return
    there = buses(vm)
    for device in placed(vm):
        number, slot, _ = device.where
        model = bus_model(vm, there[number]) if number in there else grown_bus(vm, device.device)
        if model is None:
            continue
        first, last = (BUSES[model].first, BUSES[model].last) if model in BUSES else (0, 31)
        if not first <= slot <= last:
            yield Finding(
                (*device.path, "address"),
                f"{device} is in slot {slot} of bus {number}, a {model}, which has {f'slots {first} to {last}' if last else 'slot 0 only'}",
            )
