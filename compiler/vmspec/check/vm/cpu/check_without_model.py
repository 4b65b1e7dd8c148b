"""A check of a CPU that is not named."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu


@rule(4103, "cpu-check-without-model", phase=Phase.DEFINE)
def check_without_model(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `cpu.check` is set on a CPU without a model or mode.
    Why: libvirt 9.0.0 refuses it at define (virDomainDefPostParseCPU, src/conf/domain_postparse.c).
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
    if cpu.check is not None and cpu.mode in (None, "custom") and not cpu.model:
        yield Finding(("cpu", "check"), f"check = {cpu.check} has no CPU model to compare with")
