"""Shares of a cache or of memory bandwidth for vCPUs that there are not."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.provenance import Path
from vmspec.check.queries.cpus import max_vcpus
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import CacheTune, Cpu, MemoryTune
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet


@rule(4121, "resctrl-vcpus", phase=Phase.ACCEPTED)
def resctrl_vcpus(cpu: Cpu, vm: Domain) -> Iterator[Finding]:
    """
    What: `cachetune`, `memorytune` or one of their monitors names a vCPU that the VM does not have.
    Why: libvirt cuts the set down to the vCPUs that there are and says nothing (virDomainResctrlParseVcpus, src/conf/domain_conf.c 9.0.0).
    Example:
        vm a {
          memory.size = 1GiB
          cpu { count = 2; memorytune feed { vcpus = 2; node n0 { id = 0; bandwidth = 60 } } }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu { count = 2; memorytune feed { vcpus = 1; node n0 { id = 0; bandwidth = 60 } } }
        }
    """
    most = max_vcpus(vm)
    for kind, tunes in (("cachetune", cpu.cachetune), ("memorytune", cpu.memorytune)):
        for tune in tunes:
            for path, vcpus in _named(("cpu", kind, tune.label), tune):
                beyond = CpuSet.of(v for v in vcpus or () if v >= most)
                if beyond:
                    yield Finding(path, f"{kind} {tune.label} names vCPU {beyond}, and the VM has {most}, numbered from 0")


def _named(path: Path, tune: CacheTune | MemoryTune) -> Iterator[tuple[Path, CpuSet | None]]:
    yield (*path, "vcpus"), tune.vcpus
    yield from (((*path, "monitor", m.label, "vcpus"), m.vcpus) for m in tune.monitor)
