"""vCPUs, their pins and the iothreads, whichever way they were said."""

from __future__ import annotations

from math import prod

from vmspec.model.cpu import Topology
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet


def max_vcpus(vm: Domain) -> int:
    """The most vCPUs that the guest can have; one where nothing is said (virDomainVcpuParse, src/conf/domain_conf.c 9.0.0)."""
    cpu = vm.cpu
    return 1 if cpu is None else cpu.max or cpu.count or 1


def current_vcpus(vm: Domain) -> int:
    """The vCPUs at boot."""
    if any(v.online is not None for v in vm.vcpu):
        return sum(1 for v in vm.vcpu if v.online)
    cpu = vm.cpu
    return 1 if cpu is None else cpu.count or cpu.max or 1


def topology_vcpus(topology: Topology) -> int | None:
    """How many vCPUs the topology makes; None where it is not whole, which is told as such, or where libvirt takes it for none."""
    if not (topology.sockets and topology.cores and topology.threads):
        return None
    return prod(n or 1 for n in (topology.sockets, topology.dies, topology.clusters, topology.cores, topology.threads))


def pins(vm: Domain) -> dict[int, CpuSet]:
    """Host CPUs by vCPU: of `vcpu N { pin }`, and of `cpu.pin`, whose i-th CPU is vCPU i's."""
    found = {int(v.label): v.pin for v in vm.vcpu if v.pin is not None and v.label.isdigit()}
    if not found and vm.cpu is not None and vm.cpu.pin is not None:
        found = {i: CpuSet.of((cpu,)) for i, cpu in enumerate(vm.cpu.pin)}
    return found


def iothread_ids(vm: Domain) -> frozenset[int]:
    """The numbers of the iothreads: declared ones, and the lowest free ones up to the count (virDomainIOThreadIDArray, libvirt 9.0.0)."""
    declared = {int(t.label) for t in vm.iothread if t.declared and t.label.isdigit()}
    number = 1
    while len(declared) < (vm.iothreads or 0):
        declared.add(number)
        number += 1
    return frozenset(declared)
