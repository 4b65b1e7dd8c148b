"""vCPUs that are not whole cores."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.queries.cpus import current_vcpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.machine import is_pseries


@rule(4176, "hotplug-granularity", phase=Phase.DEFINE)
def hotplug_granularity(vm: Domain) -> Iterator[Finding]:
    """
    What: The vCPUs of a pSeries guest are no multiple of the threads of a core.
    Why: POWER plugs whole cores; libvirt 9.0.0 refuses others at define (qemuValidateDomainVCpuTopology, src/qemu/qemu_validate.c).
    Example:
        vm a {
          resolve = false
          arch = ppc64
          machine = pseries
          memory.size = 1GiB
          cpu { count = 10; max = 16; topology { sockets = 1; cores = 4; threads = 4 } }
        }
    Instead:
        vm a {
          resolve = false
          arch = ppc64
          machine = pseries
          memory.size = 1GiB
          cpu { count = 8; max = 16; topology { sockets = 1; cores = 4; threads = 4 } }
        }
    """
    shape = vm.cpu.topology if vm.cpu is not None else None
    if shape is None or not is_pseries(vm) or not shape.sockets:
        return
    threads = shape.threads or 1
    if current_vcpus(vm) % threads:
        yield Finding(
            ("cpu", "count"),
            f"{current_vcpus(vm)} vCPUs are no whole number of cores with {threads} threads",
            labels=((("cpu", "topology", "threads"), "threads"),),
        )
