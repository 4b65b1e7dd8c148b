"""How many vCPUs there are, and the topology that they form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.cpus import max_vcpus, topology_vcpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import describe, is_i440fx, is_q35


@rule(4150, "current-above-max", phase=Phase.DEFINE, needs="cpu.max")
def current_above_max(vm: Domain) -> Iterator[Finding]:
    """
    What: `cpu.count` is above `cpu.max`.
    Why: libvirt 9.0.0 refuses it at define ("maxvcpus must not be less than current vcpus", virDomainVcpuParse and virDomainDefSetVcpus,
    src/conf/domain_conf.c). Where `vcpu` blocks say which are online, the count is not looked at.
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: maximum vCPU count must not be less than current vCPU
    count.
    Example:
        vm a { memory.size = 1GiB; cpu { count = 8; max = 4 } }
    Instead:
        vm a { memory.size = 1GiB; cpu { count = 4; max = 8 } }
    """
    cpu = vm.cpu
    listed = any(v.online is not None for v in vm.vcpu)
    if cpu is not None and cpu.count and cpu.max and cpu.count > cpu.max and not listed:
        yield Finding(("cpu", "count"), f"count {cpu.count} is above max {cpu.max}", labels=((("cpu", "max"), "the most"),))


@rule(4151, "vcpus-missing", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def vcpus_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: Nothing says how many vCPUs the guest has.
    Why: libvirt gives it one (virDomainVcpuParse, src/conf/domain_conf.c 9.0.0), which is seldom what was meant.
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a { memory.size = 1GiB }
    Instead:
        vm a { memory.size = 1GiB; cpu.count = 1 }
    """
    cpu = vm.cpu
    if (cpu is None or not (cpu.count or cpu.max)) and vm.type != "lxc":
        yield Finding(("cpu",), f"{vm.name or 'the domain'} does not say how many vCPUs it has, and gets one", help="set cpu.count")


@rule(4152, "topology-product", phase=Phase.DEFINE, needs="cpu.topology")
def topology_product(vm: Domain) -> Iterator[Finding]:
    """
    What: Sockets × dies × clusters × cores × threads is not the largest number of vCPUs.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainVCpuTopology, src/qemu/qemu_validate.c; virDomainDefGetVcpusTopology,
    src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: CPU topology doesn't match maximum vcpu count.
    Example:
        vm a { memory.size = 1GiB; cpu { count = 4; topology { sockets = 2; cores = 4; threads = 1 } } }
    Instead:
        vm a { memory.size = 1GiB; cpu { count = 8; topology { sockets = 2; cores = 4; threads = 1 } } }
    """
    cpu = vm.cpu
    if cpu is None or cpu.topology is None:
        return
    makes = topology_vcpus(cpu.topology)
    most = max_vcpus(vm)
    if makes is not None and makes != most:
        yield Finding(
            ("cpu", "topology"),
            f"the topology makes {makes} vCPUs, and the VM has {most}",
            labels=((("cpu", "max" if cpu.max else "count"), "the largest number of vCPUs"),),
        )


@rule(4153, "machine-limit", phase=Phase.DEFINE, needs="cpu")
def machine_limit(vm: Domain) -> Iterator[Finding]:
    """
    What: More than 255 vCPUs on i440fx, or more than 288 on q35 up to 8.x.
    Why: libvirt 9.0.0 asks QEMU for the machine's limit and refuses more at define (qemuValidateDomainVCpuTopology,
    src/qemu/qemu_validate.c); QEMU 7.2 says 255 for pc and 288 for q35 (hw/i386/pc_piix.c, pc_q35.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: Maximum CPUs greater than specified machine type limit
    288.
    Example:
        vm a {
          memory.size = 1GiB
          cpu { count = 400; mode = host-passthrough }
          features { acpi = true; ioapic = qemu }
          iommu { model = intel; intremap = true; eim = true }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu { count = 280; mode = host-passthrough }
          features { acpi = true; ioapic = qemu }
          iommu { model = intel; intremap = true; eim = true }
        }
    """
    most = max_vcpus(vm)
    limit = (
        255
        if is_i440fx(vm)
        else 288
        if is_q35(vm) and not re.match(r"pc-q35-(8\.[12]|9|1\d)", str(vm.machine))
        else 4096
        if is_q35(vm)
        else None
    )
    if limit is not None and most > limit:
        yield Finding(
            ("cpu", "max" if vm.cpu is not None and vm.cpu.max else "count"), f"{most} vCPUs are more than the {limit} of {describe(vm)}"
        )


@rule(4154, "eim-missing", phase=Phase.DEFINE, needs="cpu")
def eim_missing(vm: Domain) -> Iterator[Finding]:
    """
    What: More than 255 vCPUs on q35 without an IOMMU with `eim`.
    Why: An APIC id has 8 bits; beyond it interrupts must be remapped. libvirt 9.0.0 refuses it at define (qemuValidateDomainVCpuTopology,
    src/qemu/qemu_validate.c).
    From 10.10.0 on it adds one where none is said, and turns eim on (NEWS.rst 10.10.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: more than 255 vCPUs require extended interrupt mode
    enabled on the iommu device.
    Example:
        vm a { memory.size = 1GiB; cpu { count = 280; mode = host-passthrough } }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu { count = 280; mode = host-passthrough }
          features { acpi = true; ioapic = qemu }
          iommu { model = intel; intremap = true; eim = true }
        }
    """
    most = max_vcpus(vm)
    if most > 255 and is_q35(vm) and not any(i.eim for i in vm.iommu):
        yield Finding(
            ("cpu", "count"),
            f"{most} vCPUs need an IOMMU with extended interrupt mode",
            help="add iommu { model = intel; intremap = true; eim = true } and features.ioapic = qemu",
            until="" if any(i.eim is False or i.model not in ("intel", "amd") for i in vm.iommu) else "10.10.0",
        )
