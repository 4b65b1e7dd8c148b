"""A device on another node than its guest."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.cpus import pins
from vmspec.check.queries.hosts import nodes_of
from vmspec.check.rule import Finding, Phase, rule
from vmspec.lower.fleet import HostObject, Vm
from vmspec.model.devices.hostdev import PciHostdev
from vmspec.model.value import CpuSet


@rule(5012, "device-node", phase=Phase.FLEET, severity=Severity.WARNING)
def device_node(host: HostObject, vms: tuple[Vm, ...]) -> Iterator[Finding]:
    """
    What: A VM has a PCI device of one node and its vCPUs and memory on another.
    Why: Every interrupt and DMA crosses the interconnect; libvirt does not look.
    Example:
        host n1 {
          numa 0 { cpus = 0-3; memory = 16GiB }
          numa 1 { cpus = 4-7; memory = 16GiB }
          device gpu { address = "0000:3b:00.0"; node = 1 }
        }
        vm a {
          place = host(n1)
          memory.size = 1GiB
          cpu { count = 1; cpuset = 0-3 }
          hostdev gpu { source = pci(0000:3b:00.0); managed = true }
        }
    Instead:
        host n1 {
          numa 0 { cpus = 0-3; memory = 16GiB }
          numa 1 { cpus = 4-7; memory = 16GiB }
          device gpu { address = "0000:3b:00.0"; node = 1 }
        }
        vm a {
          place = host(n1)
          memory.size = 1GiB
          cpu { count = 1; cpuset = 4-7 }
          hostdev gpu { source = pci(0000:3b:00.0); managed = true }
        }
    """
    known = {d.address: d for d in host.spec.device if d.address and d.node is not None}
    if not known:
        return
    for vm in vms:
        cpu = vm.spec.cpu
        where = CpuSet.of(c for cpus in pins(vm.spec).values() for c in cpus) or (
            cpu.cpuset if cpu is not None and cpu.cpuset is not None else CpuSet()
        )
        own = nodes_of(host, where)
        for device in vm.spec.hostdev:
            pci = device.source
            if not isinstance(pci, PciHostdev):
                continue
            at = known.get(f"{pci.domain or 0:04x}:{pci.bus or 0:02x}:{pci.slot or 0:02x}.{pci.function or 0}")
            if at is not None and own and at.node is not None and at.node not in own:
                yield Finding(
                    ("hostdev", device.label),
                    f"{vm.name} runs on node {own} of {host.name}, and its device is on node {at.node}",
                    others=((host, ("device", at.label, "node"), "the device"),),
                    of=vm,
                )
