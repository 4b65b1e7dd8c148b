"""Part of an IOMMU group."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.hostdevs import pci_held
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm


@rule(5013, "iommu-group-split", phase=Phase.FLEET)
def iommu_group_split(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A VM has a PCI device whose IOMMU group has other devices that it does not have.
    Why: VFIO gives a group whole or not at all ("group N is not viable", Linux Documentation/driver-api/vfio.rst); libvirt accepts it at
    define.
    Example:
        host n1 {
          numa 0 { cpus = 0-3; memory = 16GiB }
          device gpu { address = "0000:3b:00.0"; iommu-group = 7 }
          device snd { address = "0000:3b:00.1"; iommu-group = 7 }
        }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
    Instead:
        host n1 {
          numa 0 { cpus = 0-3; memory = 16GiB }
          device gpu { address = "0000:3b:00.0"; iommu-group = 7 }
          device snd { address = "0000:3b:00.1"; iommu-group = 8 }
        }
        vm a { place = host(n1); memory.size = 1GiB; cpu.count = 1; hostdev gpu { source = pci(0000:3b:00.0); managed = true } }
    """
    groups: dict[int, list[str]] = {}
    for each in host.spec.device:
        if each.iommu_group is not None and each.address:
            groups.setdefault(each.iommu_group, []).append(each.address)
    for vm in vms:
        own = {address: path for path, address in pci_held(vm.spec)}
        for number, members in groups.items():
            mine = [m for m in members if m in own]
            left = [m for m in members if m not in own]
            if mine and left:
                yield Finding(
                    own[mine[0]],
                    f"{mine[0]} is in IOMMU group {number} of {host.name} together with {', '.join(left)}, which {vm.name} does not have",
                    of=vm,
                )
