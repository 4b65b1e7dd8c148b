"""Host devices for guests, and no IOMMU."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.functions import pool_of
from vmspec.check.queries.hostdevs import pci_held
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import Fleet, HostObject, Vm
from vmspec.model.devices.network import NetworkSource


@rule(5030, "iommu-off", phase=Phase.FLEET)
def iommu_off(host: HostObject, vms: tuple[Vm, ...], fleet: Fleet) -> Iterator[Finding]:
    """
    What: A VM has a PCI device of its host or a virtual function, and the host says that its IOMMU is off: `iommu = false`, or a
    kernel argument such as `intel_iommu = off`. A host that says nothing has it on for its guests' sake.
    Why: VFIO gives a guest only what an IOMMU confines; libvirt accepts it at define, and the start fails ("host doesn't support
    passthrough of host PCI devices", libvirt 9.0.0).
    Example:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; iommu = false }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
    Instead:
        host n1 { numa 0 { cpus = 0-3; memory = 16GiB }; iommu = true }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
    """
    off = _off(host)
    if off is None:
        return
    for vm in vms:
        held = [(path, f"device {address}") for path, address in pci_held(vm.spec)]
        for card in vm.spec.interface:
            if isinstance(card.source, NetworkSource) and card.source.network and pool_of(card.source.network, vm, fleet) is not None:
                held.append((("interface", card.label, "source"), f"a virtual function of network {card.source.network}"))
        if held:
            path, what = held[0]
            yield Finding(
                path,
                f"{vm.name} has {what}, and the IOMMU of {host.name} is off",
                others=((host, off, "off here"),),
                of=vm,
            )


def _off(host: HostObject) -> Path | None:
    """Where the IOMMU is turned off (Linux Documentation/admin-guide/kernel-parameters.txt)."""
    if host.spec.iommu is False:
        return ("iommu",)
    args = host.spec.kernel.args if host.spec.kernel is not None else {}
    return next((("kernel", "args", name) for name in ("intel_iommu", "amd_iommu", "iommu") if str(args.get(name)) == "off"), None)
