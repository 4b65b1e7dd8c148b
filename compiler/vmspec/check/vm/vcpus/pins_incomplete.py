"""Some vCPUs pinned and some not."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.queries.cpus import max_vcpus, pins
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.domain import Domain
from vmspec.model.value import CpuSet


@rule(4165, "pins-incomplete", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def pins_incomplete(vm: Domain) -> Iterator[Finding]:
    """
    What: Some vCPUs are pinned and others float.
    Why: The floating ones run wherever the scheduler puts them, also on the CPUs of the pinned ones; mostly a pin was forgotten
    (docs/formatdomain.rst 9.0.0, "vcpupin": without one, all CPUs of `cpuset`).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it.
    Example:
        vm a {
          memory.size = 1GiB
          cpu { count = 3 }
          vcpu 0 { pin = 4 }
          vcpu 1 { pin = 5 }
          emulator { pin = 0 }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu { count = 2 }
          vcpu 0 { pin = 4 }
          vcpu 1 { pin = 5 }
          emulator { pin = 0 }
        }
    """
    where = pins(vm)
    most = max_vcpus(vm)
    missing = [i for i in range(min(most, 4096)) if i not in where]
    if where and missing and not (vm.cpu is not None and vm.cpu.cpuset):
        yield Finding(("vcpu", str(min(where))), f"vCPU {CpuSet.of(missing)} is not pinned, and the others are")
