"""How a device connects to the PCI buses of one domain, in libvirt's flags.

Source: libvirt 9.0.0 src/qemu/qemu_domain_address.c (qemuDomainFillDevicePCIConnectFlagsIterInit).
"""

from __future__ import annotations

from vmspec.model.devices.controller import Controller
from vmspec.model.devices.device import Device
from vmspec.model.domain import Domain
from vmspec.model.pci_topology import CONTROLLERS, BusConnect, Plug, plug
from vmspec.normal.guest import has_pcie_root
from vmspec.normal.target import Target


class Flags:
    """The flags of every device of one domain."""

    def __init__(self, vm: Domain, target: Target) -> None:
        pci = BusConnect.PCI | BusConnect.AUTO
        pcie = BusConnect.PCIE | BusConnect.AUTO if has_pcie_root(vm) else pci
        virtio = pcie if target.has("virtio-pci-non-transitional") else pci
        self._by_plug = {
            None: BusConnect.NONE,
            Plug.CONVENTIONAL: pci,
            Plug.EXPRESS: pcie,
            Plug.VIRTIO: virtio,
            Plug.INTEGRATED: virtio | BusConnect.INTEGRATED,
        }

    def of(self, device: Device) -> BusConnect:
        """NONE: it does not sit on PCI."""
        if isinstance(device, Controller) and device.type == "pci":
            return CONTROLLERS.get(str(device.model or ""), BusConnect.NONE)
        return self._by_plug[plug(device)]
