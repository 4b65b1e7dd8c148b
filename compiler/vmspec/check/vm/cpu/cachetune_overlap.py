"""A vCPU in two shares of the cache."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu
from vmspec.model.value import CpuSet


@rule(4115, "cpu-cachetune-overlap", phase=Phase.DEFINE)
def cachetune_overlap(cpu: Cpu) -> Iterator[Finding]:
    """
    What: Two `cachetune` (or `memorytune`) blocks name the same vCPU.
    Why: A thread has one class of service; libvirt 9.0.0 refuses overlaps at define (virDomainResctrlVcpuMatch, src/conf/domain_conf.c).
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu {
            cachetune a { vcpus = 0-1; cache l3 { id = 0; level = 3; type = both; size = 3; unit = MiB } }
            cachetune b { vcpus = 1; cache l3 { id = 0; level = 3; type = both; size = 3; unit = MiB } }
          }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu {
            cachetune a { vcpus = 0; cache l3 { id = 0; level = 3; type = both; size = 3; unit = MiB } }
            cachetune b { vcpus = 1; cache l3 { id = 0; level = 3; type = both; size = 3; unit = MiB } }
          }
        }
    """
    for kind, groups in (
        ("cachetune", [(c.label, c.vcpus) for c in cpu.cachetune]),
        ("memorytune", [(m.label, m.vcpus) for m in cpu.memorytune]),
    ):
        for i, (label, vcpus) in enumerate(groups):
            for other, taken in groups[:i]:
                both = (vcpus or CpuSet()) & (taken or CpuSet())
                # libvirt lets a cachetune and a memorytune, but no two of a kind, name the same vCPUs.
                if both:
                    yield Finding(
                        ("cpu", kind, label), f"vCPU {both} is in {kind} {other} already", labels=((("cpu", kind, other), "the other"),)
                    )
