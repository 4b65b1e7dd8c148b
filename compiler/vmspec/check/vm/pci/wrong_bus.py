"""A device on a bus that does not take it."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.pci import bus_model, buses, describe_plug, placed
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.pci_topology import ROOTS, root_model, takes


@rule(4504, "wrong-bus", phase=Phase.DEFINE)
def wrong_bus(vm: Domain) -> Iterator[Finding]:
    """
    What: A PCI controller or device sits on a controller that does not take its kind.
    Why: A root port plugs into a root, a switch's ports into one another, an expander into the root; libvirt 9.0.0 refuses other pairs at
    define (virDomainPCIAddressFlagsCompatible, src/conf/domain_addr.c).
    Example:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          controller spare { type = pci; model = pcie-root-port; index = 9; address = pci(0000:00:05.0) }
          controller more { type = pci; model = pcie-root-port; index = 10; address = pci(0000:09:00.0) }
        }
    Instead:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          controller spare { type = pci; model = pcie-root-port; index = 9; address = pci(0000:00:05.0) }
          controller more { type = pci; model = pcie-root-port; index = 10; address = pci(0000:00:06.0) }
        }
    """
    if not placed(vm) or root_model(vm) is None:
        return
    there = buses(vm)
    for device in placed(vm):
        number = device.address.bus or 0
        if device.address.domain or number not in there or describe_plug(device.device) in ROOTS:
            continue
        model = bus_model(vm, there[number])
        what = describe_plug(device.device)
        if model is not None and not takes(model, device.device):
            host = there[number]
            labels = ((("controller", host.label), "the bus"),) if host is not None else ()
            yield Finding((*device.path, "address"), f"{device}, {what}, cannot be on bus {number}, a {model}", labels=labels)
