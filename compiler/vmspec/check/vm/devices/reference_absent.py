"""Devices that name a part of their own VM that there is not: a group of limits, a cell, a controller."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.block import Block
from vmspec.model.devices.device import CcidAddress
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet


@rule(4828, "reference-absent", phase=Phase.START)
def reference_absent(vm: Domain) -> Iterator[Finding]:
    """
    What: A disk names a throttle group that the VM does not have, a device a cell, a smartcard a CCID controller, or an IOMMU a PCI
    controller.
    Why: Each of them is another part of the same VM; libvirt or QEMU refuses a name that leads nowhere, at start at the latest.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          smartcard card { source = host(); address = ccid(controller = 7, slot = 0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          smartcard card { source = host(); address = ccid(controller = 0, slot = 0) }
        }
    """
    groups = [group.name or group.label for group in vm.throttle_group]
    for disk in vm.disk:
        for name in disk.throttle_filters:
            if name not in groups:
                path = ("disk", disk.label, "throttle-filters")
                yield Finding(path, f"the VM has no throttle group {name}", help=f"write `throttle-group {name} {{ … }}` in the VM")
    ccids = [c.index for c in vm.controller if c.type == "ccid"] or [0]
    for card in vm.smartcard:
        at = card.address
        if isinstance(at, CcidAddress) and at.controller is not None and at.controller not in ccids:
            yield Finding(("smartcard", card.label, "address"), f"the VM has no CCID controller {at.controller}")
    buses = [c.index for c in vm.controller if c.type == "pci"]
    for unit in vm.iommu:
        if unit.parent_index is not None and buses and unit.parent_index not in buses:
            yield Finding(("iommu", unit.label, "parent-index"), f"the VM has no PCI controller {unit.parent_index}")
    yield from _cells(vm)


def _cells(vm: Domain) -> Iterator[Finding]:
    there = CpuSet.of(int(cell.label) for cell in (vm.numa.cell if vm.numa is not None else ()) if cell.label.isdigit())
    for name, value in vars(vm).items():
        for device in value if isinstance(value, tuple) else (value,):
            near = getattr(device, "acpi_nodeset", None) if isinstance(device, Block) else None
            if isinstance(device, Block) and isinstance(near, CpuSet) and near - there:
                path: Path = (name.replace("_", "-"), *((device.label,) if device.label else ()), "acpi-nodeset")
                yield Finding(path, f"cell {near - there} does not exist", help="these are the guest's cells, not the host's nodes")
