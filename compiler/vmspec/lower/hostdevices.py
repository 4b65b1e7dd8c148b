"""What guests with devices of their host need of it, as weakly as a default: the IOMMU, and vfio-pci in the place of the device's driver.

Source: Linux Documentation/driver-api/vfio.rst; kernel-parameters.txt: Intel's is off unless `intel_iommu=on` or the kernel's build says
otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path, Step, StepKind, ValueAddress
from vmspec.lower.fleet import Fleet, HostObject, Vm
from vmspec.lower.hostrequest import Request
from vmspec.model.devices.hostdev import PciHostdev
from vmspec.model.devices.network import HostdevSource, NetworkSource
from vmspec.model.kinds import ObjectKind
from vmspec.model.network import Network

KERNEL_DECIDES = ("aarch64", "ppc64", "ppc64le", "s390x", "riscv64", "armv7l")
"""Architectures on which the firmware's tables or the platform switch it on, and no argument is needed."""

WHY = "it has a device of the host"


def iommu(host: HostObject, fleet: Fleet) -> Iterator[Request]:
    """A request for each guest of the host that has a device of it; none where no argument is needed."""
    if str(host.spec.arch) in KERNEL_DECIDES:
        return
    pools = {n.name for n in fleet.of(ObjectKind.NETWORK) if n.host in (None, host.name) and _deals_out(n.spec)}
    for vm in sorted(fleet.on(host.name), key=lambda vm: vm.name):
        path = next(_devices(vm, pools), None) if vm.resolve else None
        if path is not None:
            span = vm.where(path)
            step = Step(StepKind.DERIVED, f"vm {vm.name}", span, (ValueAddress(vm.name, path),), why=WHY, strength="weak")
            yield Request(vm.name, ("iommu",), True, "weak", (step,), span, path)


def vfio(host: HostObject, fleet: Fleet) -> Iterator[Request]:
    """A request for each device that a guest has as a device. Cards given as interfaces, and functions of cards that make some, are
    libvirt's to bind: it sets their MAC addresses through the card's own driver first."""
    making = {nic.address.rpartition(":")[0] for nic in host.spec.nic if nic.vfs and nic.address}
    for vm in sorted(fleet.on(host.name), key=lambda vm: vm.name):
        for device in vm.spec.hostdev if vm.resolve else ():
            source, path = device.source, ("hostdev", device.label, "source")
            if not isinstance(source, PciHostdev):
                continue
            address = f"{source.domain or 0:04x}:{source.bus or 0:02x}:{source.slot or 0:02x}.{source.function or 0}"
            if address.rpartition(":")[0] not in making:
                span = vm.where(path)
                step = Step(StepKind.DERIVED, f"vm {vm.name}", span, (ValueAddress(vm.name, path),), why=WHY, strength="weak")
                yield Request(vm.name, ("vfio",), (address,), "weak", (step,), span, path)


def _deals_out(network: object) -> bool:
    return isinstance(network, Network) and network.forward is not None and network.forward.mode == "hostdev"


def _devices(vm: Vm, pools: set[str]) -> Iterator[Path]:
    for device in vm.spec.hostdev:
        if isinstance(device.source, PciHostdev):
            yield ("hostdev", device.label, "source")
    for card in vm.spec.interface:
        if isinstance(card.source, HostdevSource) or (isinstance(card.source, NetworkSource) and card.source.network in pools):
            yield ("interface", card.label, "source")
