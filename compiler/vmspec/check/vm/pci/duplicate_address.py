"""Two devices at one PCI address."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.pci import PlacedDevice, placed, show
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4501, "duplicate-address", phase=Phase.DEFINE)
def duplicate_address(vm: Domain) -> Iterator[Finding]:
    """
    What: Two devices have the same PCI address.
    Why: libvirt 9.0.0 refuses it at define ("Attempted double use of PCI Address", virDomainPCIAddressReserveAddrInternal,
    src/conf/domain_addr.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: XML error: Attempted double use of PCI Address 0000:00:05.0.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); address = pci(0000:00:05.0) }
          interface eth0 { source = bridge("br0"); address = pci(0000:00:05.0) }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          disk vda { source = block("/dev/vg0/a"); address = pci(0000:00:05.0) }
          interface eth0 { source = bridge("br0"); address = pci(0000:00:06.0) }
        }
    """
    seen: dict[tuple[int, int, int, int], PlacedDevice] = {}
    for device in placed(vm):
        key = (device.address.domain or 0, *device.where)
        first = seen.setdefault(key, device)
        if first is not device:
            yield Finding(
                (*device.path, "address"),
                f"{first} and {device} are both at {show(device.address)}",
                labels=(((*first.path, "address"), "the first"),),
            )
