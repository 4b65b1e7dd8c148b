"""A check of a CPU that libvirt names itself."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.base.diagnostic import Severity
from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu
from vmspec.model.domain import Domain
from vmspec.model.machine import has_default_cpu


@rule(4117, "cpu-check-dropped", phase=Phase.ACCEPTED, severity=Severity.WARNING)
def check_dropped(cpu: Cpu, vm: Domain) -> Iterator[Finding]:
    """
    What: `cpu.check = partial` or `full` on a CPU without a model or mode.
    Why: libvirt fills in QEMU's default model and turns the check off with it (qemuDomainDefSetDefaultCPU, src/qemu/qemu_domain.c 9.0.0).
    Observed: libvirt 9.0.0, QEMU 7.2: define accepts it and makes it check='none'.
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          features { acpi = true }
          cpu { count = 1; check = full }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { mode = host-model; check = full }
        }
    """
    if cpu.check in ("partial", "full") and cpu.mode in (None, "custom") and not cpu.model and has_default_cpu(vm):
        yield Finding(("cpu", "check"), f"check = {cpu.check} has no effect on a CPU that is not named")
