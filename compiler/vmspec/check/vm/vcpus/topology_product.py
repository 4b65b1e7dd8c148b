"""A topology that makes another number of vCPUs."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.cpus import max_vcpus, topology_vcpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain


@rule(4152, "topology-product", phase=Phase.DEFINE)
def topology_product(vm: Domain) -> Iterator[Finding]:
    """
    What: Sockets × dies × clusters × cores × threads is not the largest number of vCPUs.
    Why: libvirt 9.0.0 refuses it at define (qemuValidateDomainVCpuTopology, src/qemu/qemu_validate.c; virDomainDefGetVcpusTopology,
    src/conf/domain_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define refuses it: unsupported configuration: CPU topology doesn't match maximum vcpu count.
    Example:
        vm a {
          memory.size = 1GiB
          cpu { count = 4; topology { sockets = 2; cores = 4; threads = 1 } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu { count = 8; topology { sockets = 2; cores = 4; threads = 1 } }
        }
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
