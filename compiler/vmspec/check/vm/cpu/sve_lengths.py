"""Vector lengths without vectors."""

from __future__ import annotations

from collections.abc import Iterator

from vmspec.check.rule import Finding, Phase, rule
from vmspec.model.cpu import Cpu


@rule(4116, "cpu-sve-lengths", phase=Phase.DEFINE)
def sve_lengths(cpu: Cpu) -> Iterator[Finding]:
    """
    What: A length of SVE (`sve512`) is asked for, and `sve` is off.
    Why: libvirt 9.0.0 refuses it at define (qemuDomainDefCPUPostParse, src/qemu/qemu_domain.c).
    Example:
        vm a {
          resolve = false
          arch = aarch64
          machine = virt
          memory.size = 1GiB
          cpu { count = 1; mode = host-passthrough; features { sve = disable; sve512 = require } }
        }
    Instead:
        vm a {
          resolve = false
          arch = aarch64
          machine = virt
          memory.size = 1GiB
          cpu { count = 1; mode = host-passthrough; features { sve = require; sve512 = require } }
        }
    """
    asked = cpu.features or {}
    lengths = [name for name in asked if name.startswith("sve") and name != "sve"]
    if lengths and asked.get("sve") in ("disable", "forbid"):
        yield Finding(
            ("cpu", "features", lengths[0]),
            f"{lengths[0]} is a length of vectors that are off",
            labels=((("cpu", "features", "sve"), "off here"),),
        )
