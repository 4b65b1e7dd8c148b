"""More root ports than bus 0 has room for."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.pci import buses
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import PciAddress
from vmspec.model.domain import Domain
from vmspec.model.machine import is_q35

MOST = 240
"""Eight functions in each of 30 slots: slot 0 is the root's, and 0x1f the chipset's."""


@rule(4364, "too-many-root-ports", phase=Phase.DEFINE)
def root_ports(vm: Domain) -> Iterator[Finding]:
    """
    What: A q35 guest with more than 240 root ports on bus 0, those counted that libvirt adds below the highest index of a PCI controller.
    Why: libvirt puts eight of them in a slot and finds no further one (qemuDomainAssignPCIAddresses, src/qemu/qemu_domain_address.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses an index of 241 and takes 240: a PCI slot is needed to connect a PCI controller
    model='pcie-root-port', but none is available, and it cannot be automatically added.
    Example:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          controller port { type = pci; index = 250; model = pcie-root-port }
        }
    Instead:
        vm a {
          resolve = false
          machine = pc-q35-7.2
          memory.size = 1GiB
          cpu.count = 2
          controller port { type = pci; index = 240; model = pcie-root-port }
        }
    """
    if not is_q35(vm):
        return
    there = buses(vm)
    highest = max(there, default=0)
    if highest <= MOST or highest > 255:
        return
    ports = [number for number in range(1, highest + 1) if number not in there or _on_root(there[number])]
    if len(ports) > MOST:
        last = there[highest]
        at = ("controller", last.label) if last is not None else ("controller",)
        yield Finding(at, f"bus 0 has room for {MOST} root ports, and with PCI controller {highest} there are {len(ports)}")


def _on_root(controller: Controller | None) -> bool:
    if controller is None or controller.model != "pcie-root-port":
        return False
    at = controller.address
    return at is None or not isinstance(at, PciAddress) or not at.bus
