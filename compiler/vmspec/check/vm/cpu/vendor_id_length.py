"""A vendor string that is not twelve characters."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu


@rule(4107, "cpu-vendor-id-length", phase=Phase.DEFINE)
def vendor_id_length(cpu: Cpu) -> Iterator[Finding]:
    """
    What: `cpu.vendor-id` has not exactly 12 characters, or has a comma.
    Why: CPUID has 12 bytes for it; libvirt 9.0.0 refuses others at define (virCPUDefParseXML, src/conf/cpu_conf.c).
    Observed: libvirt 9.0.0, QEMU 7.2: define with VALIDATE refuses it by libvirt's schema.
    Example:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { model = Nehalem; vendor-id = "Intel" }
        }
    Instead:
        vm a {
          memory.size = 1GiB
          cpu.count = 2
          cpu { model = Nehalem; vendor-id = "GenuineIntel" }
        }
    """
    if cpu.vendor_id and (len(cpu.vendor_id) != 12 or "," in cpu.vendor_id):
        yield Finding(("cpu", "vendor-id"), f"vendor-id {cpu.vendor_id!r} is not 12 characters without a comma")
