"""A slot that the bus does not have."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.pci import PlacedDevice, bus_model, buses, placed, slots
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.devices.controller import Controller
from vmspec.model.devices.disk import Disk
from vmspec.model.devices.interface import Interface
from vmspec.model.domain import Domain
from vmspec.model.machine import is_i440fx, is_q35


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
        model = bus_model(vm, there[number]) if number in there else _added(vm, device)
        if model is None:
            continue
        first, last = slots(model)
        if not first <= slot <= last:
            yield Finding(
                (*device.path, "address"),
                f"{device} is in slot {slot} of bus {number}, a {model}, which has {f'slots {first} to {last}' if last else 'slot 0 only'}",
            )


def _added(vm: Domain, device: PlacedDevice) -> str | None:
    """What libvirt makes of a bus that is not written, as far as the device tells (virDomainPCIAddressSetGrow, src/conf/domain_addr.c;
    qemuDomainDeviceCalculatePCIConnectFlags, src/qemu/qemu_domain_address.c 9.0.0)."""
    if isinstance(device.device, Controller):
        return None
    if is_i440fx(vm):
        return "pci-bridge"
    if is_q35(vm) and isinstance(device.device, (Disk, Interface)):
        express = isinstance(device.device, Disk) or str(device.device.model).lower() in ("virtio", "e1000e")
        legacy = isinstance(device.device, Interface) and device.device.model in ("e1000", "rtl8139", "ne2k_pci", "pcnet")
        return "pcie-root-port" if express else "pci-bridge" if legacy else None
    return None
