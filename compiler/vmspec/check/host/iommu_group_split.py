"""Part of an IOMMU group."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.devices.hostdev import PciHostdev


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
        own = {
            f"{d.source.domain or 0:04x}:{d.source.bus or 0:02x}:{d.source.slot or 0:02x}.{d.source.function or 0}": d.label
            for d in vm.spec.hostdev
            if isinstance(d.source, PciHostdev)
        }
        for number, members in groups.items():
            mine = [m for m in members if m in own]
            left = [m for m in members if m not in own]
            if mine and left:
                yield Finding(
                    ("hostdev", own[mine[0]], "source"),
                    f"{mine[0]} is in IOMMU group {number} of {host.name} together with {', '.join(left)}, which {vm.name} does not have",
                    of=vm,
                )
