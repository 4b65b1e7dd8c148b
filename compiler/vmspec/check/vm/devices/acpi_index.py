"""An ACPI index of a device that is not on PCI."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.walk import devices


@rule(4547, "acpi-index", phase=Phase.DEFINE)
def acpi_index(vm: Domain) -> Iterator[Finding]:
    """
    What: `acpi-index` on a device with another address than pci.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainDeviceInfo, src/qemu/qemu_validate.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: ACPI index is only supported for PCI devices.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          hostdev stick { source = usb(0x1234, 0xbeef); acpi-index = 1; address = usb(0, 1) }
          controller usb0 { type = usb; index = 0; model = qemu-xhci }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          machine = q35
          interface eth0 { source = bridge("br0"); acpi-index = 1; address = pci(0000:00:05.0) }
        }
    """
    for here in devices(vm):
        at = here.device.address
        if here.device.acpi_index and at is not None and at.tag != "pci":
            yield Finding((*here.path, "acpi-index"), f"only a PCI device has an ACPI index, and {here.path[-1]} has a {at.tag} address")
