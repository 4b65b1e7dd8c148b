"""A vendor without a model."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu


@rule(4106, "cpu-vendor-without-model", phase=Phase.DEFINE)
def vendor_without_model(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `cpu.vendor` is set and no model is.
    Why: libvirt 9.0.0 refuses it at define (virCPUDefParseXML, src/conf/cpu_conf.c).
    Example:
        vm a {
          resolve = false
          memory.size = 1GiB
          features { acpi = true }
          cpu { count = 1; vendor = Intel }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { vendor = Intel; model = Nehalem }
        }
    """
    if cpu.vendor and not cpu.model and cpu.mode in (None, "custom"):
        yield Finding(("cpu", "vendor"), f"vendor {cpu.vendor} needs a CPU model")
